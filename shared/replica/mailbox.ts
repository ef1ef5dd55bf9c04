/** One input after the other: each is finished before the next is taken. */
export class Mailbox {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  post<Answer>(input: () => Promise<Answer>): Promise<Answer> {
    this.#waiting++;
    const answer = this.#last.then(input, input);
    this.#last = answer
      .catch(() => undefined)
      .finally(() => {
        this.#waiting--;
      });
    return answer;
  }

  /** Whether everything that was posted so far is finished. */
  isIdle(): boolean {
    return this.#waiting === 0;
  }

  /** Resolves when everything that was posted so far is finished. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
