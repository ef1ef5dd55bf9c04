import type { Locator, Page } from "playwright-core";

/** Uses a page as a person does, and counts the taps; digits are typing, wherever they are typed. */
export class Hands {
  taps = 0;
  readonly page: Page;
  readonly #touch: boolean;

  constructor(page: Page) {
    this.page = page;
    this.#touch = (page.viewportSize()?.width ?? 0) < 1120;
  }

  async tap(target: Locator): Promise<void> {
    this.taps++;
    if (this.#touch) await target.tap();
    else await target.click();
  }

  async tapButton(name: string | RegExp): Promise<void> {
    await this.tap(this.page.getByRole("button", { name, exact: typeof name === "string" }));
  }

  /** On the keys that the screen shows, or on the keyboard. */
  async type(digits: string): Promise<void> {
    for (const digit of digits)
      if (this.#touch)
        await this.page
          .getByRole("button", { name: digit === "." ? "小数点" : digit, exact: true })
          .tap();
      else await this.page.keyboard.type(digit);
  }

  /** Starts counting anew. */
  rest(): void {
    this.taps = 0;
  }
}
