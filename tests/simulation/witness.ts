import {
  type ChainId,
  type Operation,
  type OperationRef,
  splitRef,
} from "../../shared/journal/operation.ts";
import type { StoreChange } from "../../shared/replica/ports.ts";

/** Something that a person did, and was told that it is saved on this device. */
export interface Deed {
  till: string;
  command: string;
  /** operations that it became, in sequence */
  refs: readonly OperationRef[];
  /** as they were written */
  texts: readonly string[];
  /** fen by tender that went over the counter; back to the customer is negative */
  takings: Readonly<Record<string, number>>;
}

/** Something bad that was done to the shop, and where a person must be able to see it. */
export interface Injury {
  atMs: number;
  kind: InjuryKind;
  /** the machine that it befell */
  subject: string;
  /** the identity that the machine had */
  device: string;
  /** nobody may have been told of what was lost: then nobody can miss it */
  mayHide?: boolean;
  /** what gives it away to whoever still holds any of it; with the last copy goes the last that knew */
  evidence?: ReadonlySet<string>;
  /** the server has taken some of the evidence since: then it knows */
  cameBack?: boolean;
}

export type InjuryKind =
  | "till-lost"
  | "server-lost"
  | "till-rolled-back"
  | "till-cloned"
  | "server-put-back"
  | "foreign-bytes";

/**
 * What must not be lost, seen from outside: every operation from the moment at which a disk had it, and
 * what each screen said of it. Of what was destroyed with its last copy it knows that, too.
 */
export class Witness {
  /** texts of an operation in the order in which disks took them; two only after a fork */
  readonly textsByRef = new Map<OperationRef, string[]>();
  readonly tillByText = new Map<string, string>();
  readonly deeds: Deed[] = [];
  readonly injuries: Injury[] = [];
  /** by chain, how far a screen said: saved on the server */
  readonly shownOnServer = new Map<ChainId, number>();
  /** what a screen said to be on the server's disk while it was not */
  readonly falseClaims: string[] = [];
  readonly #everOnServer = new Set<string>();
  /** texts of which the last copy was destroyed, and by what */
  readonly destroyed = new Map<string, string>();

  committed(till: string, change: StoreChange): void {
    for (const run of change.outboxAdd ?? [])
      for (const text of run.operations) {
        const ref = refIn(text);
        const known = this.textsByRef.get(ref) ?? [];
        if (!known.includes(text)) this.textsByRef.set(ref, [...known, text]);
        this.tillByText.set(text, till);
      }
  }

  /** Somebody was told that it is done. */
  did(deed: Omit<Deed, "texts">): void {
    const texts = deed.refs.flatMap((ref) => this.textsByRef.get(ref)?.at(-1) ?? []);
    this.deeds.push({ ...deed, texts });
  }

  /** Whether two different operations of one device, with one number, both outlived everything. */
  isForked(device: string): boolean {
    return [...this.textsByRef].some(
      ([ref, texts]) =>
        ref.startsWith(`${device}@`) &&
        texts.filter((text) => !this.destroyed.has(text)).length > 1,
    );
  }

  serverCommitted(change: StoreChange): void {
    for (const { elements } of change.append ?? [])
      for (const text of elements) {
        this.#everOnServer.add(text);
        for (const injury of this.injuries) if (injury.evidence?.has(text)) injury.cameBack = true;
      }
  }

  wasShownOnServer(text: string): boolean {
    const { chain, seq } = splitRef(refIn(text));
    return seq < (this.shownOnServer.get(chain) ?? 0);
  }

  showedOnServer(chain: ChainId, next: number): void {
    const before = this.shownOnServer.get(chain) ?? 0;
    for (let seq = before; seq < next; seq++) {
      const texts = this.textsByRef.get(`${chain}:${seq}`) ?? [];
      if (texts.length > 0 && !texts.some((text) => this.#everOnServer.has(text)))
        this.falseClaims.push(`${chain}:${seq} was shown as saved on the server before it was`);
    }
    this.shownOnServer.set(chain, Math.max(next, before));
  }

  /** A disk is gone: what nobody else holds went with it. */
  diskLost(gone: ReadonlySet<string>, left: readonly ReadonlySet<string>[], why: string): void {
    for (const text of gone)
      if (!this.destroyed.has(text) && !left.some((texts) => texts.has(text)))
        this.destroyed.set(text, why);
  }
}

function refIn(text: string): OperationRef {
  const { device, store, seq } = JSON.parse(text) as Operation;
  return `${device}@${store}:${seq}`;
}
