/** One input after the other: each is finished before the next is taken. */
export class Mailbox {
  #last: Promise<unknown> = Promise.resolve();
  #posted = 0;
  #finished = 0;

  post<Answer>(input: () => Promise<Answer>): Promise<Answer> {
    this.#posted++;
    const answer = this.#last.then(input, input);
    this.#last = answer
      .catch(() => undefined)
      .finally(() => {
        this.#finished++;
      });
    return answer;
  }

  /** How many inputs were ever finished; none while there is one that is not. */
  moment(): number | undefined {
    return this.#posted === this.#finished ? this.#posted : undefined;
  }

  /** Resolves when everything that was posted so far is finished. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
