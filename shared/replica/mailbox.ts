/** One input after the other: each is finished before the next is taken. */
export class Mailbox {
  #last: Promise<unknown> = Promise.resolve();

  post<Answer>(input: () => Promise<Answer>): Promise<Answer> {
    const answer = this.#last.then(input, input);
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  /** Resolves when everything that was posted so far is finished. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
