export interface WriterSeat {
  /** whether this tab writes from the start */
  isWriter: boolean;
  /** resolves when this tab writes: at once, or when the tab before it was closed */
  taken: Promise<void>;
  release(): void;
}

/**
 * One tab of a profile writes; the browser passes the seat on when that tab is closed or dies.
 * Held through a Web Lock, which no crash leaves behind.
 */
export async function takeWriterSeat(locks: LockManager, name: string): Promise<WriterSeat> {
  let release: () => void = () => undefined;
  const released = new Promise<void>((done) => {
    release = done;
  });
  const atOnce = await new Promise<boolean>((answer, fail) => {
    locks
      .request(name, { ifAvailable: true }, (lock) => {
        answer(lock !== null);
        return lock === null ? undefined : released;
      })
      .catch(fail);
  });
  if (atOnce) return { isWriter: true, taken: Promise.resolve(), release };
  const giveUp = new AbortController();
  const taken = new Promise<void>((done) => {
    locks
      .request(name, { signal: giveUp.signal }, () => {
        done();
        return released;
      })
      .catch(() => undefined);
  });
  return {
    isWriter: false,
    taken,
    release() {
      giveUp.abort();
      release();
    },
  };
}
