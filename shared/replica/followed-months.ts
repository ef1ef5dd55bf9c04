import { authorityDocument, type DocumentName } from "../documents/document-name.ts";
import type { Following } from "../documents/follow-document.ts";
import type { Result } from "../outcome/result.ts";
import type { DeviceReplica } from "./device-replica.ts";

export interface FollowEvents {
  onSynced: () => void;
  onClosed: (code: number) => void;
  onOpen?: () => void;
  session?: { type: number; onMessage: (bytes: Uint8Array) => void };
}

export interface OfferedDocument {
  name: DocumentName;
  length: number;
  running: boolean;
}

export interface FollowedMonthsDeps {
  replica: DeviceReplica;
  isOnline: () => boolean;
  tickets: (count: number) => Promise<Result<string[], string>>;
  /** whether the server answers with whom documents were compared */
  isThere: () => Promise<boolean>;
  follow: (name: DocumentName, ticket: string, events: FollowEvents) => Promise<Following>;
  later: (delayMs: number, run: () => void) => void;
  /** how many documents are not here yet */
  onProgress: (fetching: number) => void;
}

/** Closed months are fetched a few at a time. */
const fetchesMost = 3;
/** Running months at a time: one for each store, and no shop of this kind has so many. */
const followedMost = 60;
const againMs = 1000;
const reopenMs = 300;

/** Follows the running months for good, and fetches closed ones until they are here. */
export class FollowedMonths {
  readonly #deps: FollowedMonthsDeps;
  readonly #followed = new Map<DocumentName, Following>();
  readonly #fetched = new Set<DocumentName>();
  #offered: readonly OfferedDocument[] = [];
  #wasOffered = false;

  constructor(deps: FollowedMonthsDeps) {
    this.#deps = deps;
  }

  offered(documents: readonly OfferedDocument[]): void {
    this.#wasOffered = true;
    this.#offered = documents.filter(({ name }) => name !== authorityDocument);
    void this.fetch();
  }

  isAllHere(): boolean {
    return this.#wasOffered && this.#countMissing() === 0;
  }

  reset(): void {
    for (const following of [...this.#followed.values()]) following.close();
    this.#followed.clear();
    this.#fetched.clear();
    this.#offered = [];
    this.#wasOffered = false;
  }

  async fetch(): Promise<void> {
    const { isOnline, isThere, tickets, later, onProgress } = this.#deps;
    onProgress(this.#countMissing());
    const free = followedMost - this.#followed.size;
    const most = Math.min(free, fetchesMost - this.#countClosedFollowed());
    const next = this.#wanted().slice(0, Math.max(0, most));
    if (next.length === 0 || !isOnline()) return;
    for (const { name } of next) this.#followed.set(name, idleFollowing);
    const giveUp = () => {
      for (const { name } of next)
        if (this.#followed.get(name) === idleFollowing) this.#followed.delete(name);
      later(againMs, () => void this.fetch());
    };
    try {
      const granted = await tickets(next.length);
      // A ticket is good with whom it came from. One that was started again since, from an older copy
      // perhaps, does not answer on a connection from before: with it nothing was compared.
      if (!granted.ok || !(await isThere())) return giveUp();
      for (const [index, { name, running }] of next.entries())
        await this.#fetchOne(name, running, granted.value[index] ?? "");
    } catch {
      giveUp();
    }
  }

  async #fetchOne(name: DocumentName, running: boolean, ticket: string): Promise<void> {
    const { follow, isOnline, later, onProgress } = this.#deps;
    const following = await follow(name, ticket, {
      onSynced: () => {
        this.#fetched.add(name);
        if (!running) this.#followed.get(name)?.close();
        onProgress(this.#countMissing());
        void this.fetch();
      },
      onClosed: () => {
        this.#followed.delete(name);
        onProgress(this.#countMissing());
        if (isOnline()) later(reopenMs, () => void this.fetch());
      },
    });
    if (this.#followed.has(name)) this.#followed.set(name, following);
    else following.close();
  }

  #wanted(): OfferedDocument[] {
    return this.#offered.filter(
      (document) =>
        !this.#followed.has(document.name) &&
        (document.running || (this.#lacks(document) && !this.#fetched.has(document.name))),
    );
  }

  #countMissing(): number {
    return this.#offered.filter(
      (document) =>
        !this.#fetched.has(document.name) && (document.running || this.#lacks(document)),
    ).length;
  }

  #lacks({ name, length }: OfferedDocument): boolean {
    return this.#deps.replica.documentLength(name) < length;
  }

  #countClosedFollowed(): number {
    const running = new Set(
      this.#offered.filter((document) => document.running).map(({ name }) => name),
    );
    return [...this.#followed.keys()].filter((name) => !running.has(name)).length;
  }
}

const idleFollowing: Following = { send: () => {}, close: () => {} };
