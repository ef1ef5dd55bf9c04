import type { MemberId } from "../../shared/members/member-kinds.ts";
import type { MemberView } from "../../shared/replica/member-view.ts";

/** How well a member fits: `sure` ones may open by themselves when there is only one. */
export interface Hit {
  member: MemberView;
  sure: boolean;
}

export interface Found {
  hits: Hit[];
  /** all that fit, shown or not */
  total: number;
}

interface Entry {
  member: MemberView;
  name: string;
  phone: string;
  card: string;
  /** the card without the zeros in front of it */
  shortCard: string;
  /** every reading without spaces, and every reading's initials */
  readings: readonly string[];
  initials: readonly string[];
}

/** Every reading of a name, syllables apart: `["qiu jing", "chou jing"]`. */
export type ReadingsOf = (name: string) => readonly string[];

/**
 * All members in memory, found by the last digits of a phone, a whole phone, a card, a name, its
 * pinyin or its initials. One pass over plain strings: a few milliseconds for fifty thousand.
 */
export class MemberSearch {
  readonly #entries = new Map<MemberId, Entry>();
  #readingsOf: ReadingsOf = () => [];

  get size(): number {
    return this.#entries.size;
  }

  /** Takes over what changed; members that are the same object as before are left alone. */
  update(members: Iterable<MemberView>): void {
    const gone = new Set(this.#entries.keys());
    for (const member of members) {
      gone.delete(member.id);
      const known = this.#entries.get(member.id);
      if (known?.member !== member) this.#entries.set(member.id, this.#entryOf(member, known));
    }
    for (const id of gone) this.#entries.delete(id);
  }

  /** Pinyin comes later than the first screen: it is large, and digits do without it. */
  learnReadings(readingsOf: ReadingsOf): void {
    this.#readingsOf = readingsOf;
    for (const [id, { member }] of this.#entries) this.#entries.set(id, this.#entryOf(member));
  }

  find(typed: string, most: number): Found {
    const words = plain(typed).split(" ").filter(Boolean);
    if (words.length === 0) return { hits: [], total: 0 };
    const ranked: { member: MemberView; rank: number }[] = [];
    for (const entry of this.#entries.values()) {
      let rank = 0;
      for (const word of words) rank = Math.max(rank, rankOf(entry, word));
      if (rank < notFound) ranked.push({ member: entry.member, rank });
    }
    ranked.sort((a, b) => a.rank - b.rank || b.member.lastVisitMs - a.member.lastVisitMs);
    const hits = ranked
      .slice(0, most)
      .map(({ member, rank }) => ({ member, sure: rank <= sureRank }));
    return { hits, total: ranked.length };
  }

  /** The one whose phone or card this is, as a scanner or a whole number says it. */
  exactly(code: string): MemberView | undefined {
    const wanted = plain(code);
    const fitting = [...this.#entries.values()].filter(
      ({ card, phone }) => card === wanted || phone === wanted,
    );
    return fitting.length === 1 ? fitting[0]?.member : undefined;
  }

  /** Seen last, newest first; before anybody was served, those who were added last. */
  recent(most: number): MemberView[] {
    const byTime = (member: MemberView) => Math.max(member.lastVisitMs, member.addedMs);
    return [...this.#entries.values()]
      .map(({ member }) => member)
      .sort((a, b) => byTime(b) - byTime(a))
      .slice(0, most);
  }

  #entryOf(member: MemberView, known?: Entry): Entry {
    const { fields } = member;
    const name = plain(fields["name"] ?? "");
    const same = known?.name === name && known.readings.length > 0;
    const readings = same ? [] : [...this.#readingsOf(name), ...stored(fields["pinyin"])];
    return {
      member,
      name,
      phone: fields["phone"] ?? "",
      card: plain(fields["card"] ?? ""),
      shortCard: (fields["card"] ?? "").replace(/^0+/, ""),
      readings: same
        ? known.readings
        : unique(readings.map((reading) => reading.replaceAll(" ", ""))),
      initials: same ? known.initials : unique(readings.map(initialsOf)),
    };
  }
}

const sureRank = 1;
const notFound = 9;

/** 0 the very thing, 1 the usual way to name it, then weaker; `notFound` when it does not fit. */
function rankOf(entry: Entry, word: string): number {
  const { name, phone, card, shortCard } = entry;
  if (/^\d+$/.test(word)) {
    if (phone === word || card === word) return 0;
    if (word.length >= 3 && phone.endsWith(word)) return word.length >= 4 ? 1 : 2;
    if (shortCard === word.replace(/^0+/, "") && shortCard !== "") return 2;
    if (word.length >= 3 && phone.startsWith(word)) return 3;
    if (word.length >= 3 && card.endsWith(word)) return 4;
    if (word.length >= 5 && (phone.includes(word) || card.includes(word))) return 5;
    return name.includes(word) ? 6 : notFound;
  }
  if (name === word) return 0;
  if (card === word) return 0;
  if (entry.readings.includes(word) || entry.initials.includes(word)) return 1;
  if (name.startsWith(word)) return 2;
  if (name.includes(word)) return 3;
  if (!/^[a-z0-9]+$/.test(word)) return notFound;
  if (entry.initials.some((initials) => initials.startsWith(word))) return 4;
  if (entry.readings.some((reading) => reading.startsWith(word))) return 4;
  if (word.length >= 2 && entry.readings.some((reading) => reading.includes(word))) return 5;
  return card.includes(word) ? 6 : notFound;
}

const plain = (text: string): string =>
  text.normalize("NFKC").toLowerCase().trim().replace(/\s+/g, " ");

const initialsOf = (reading: string): string =>
  reading
    .split(" ")
    .map((syllable) => syllable.charAt(0))
    .join("");

const stored = (pinyin: string | undefined): string[] =>
  (pinyin ?? "")
    .toLowerCase()
    .split(/[,;|]/)
    .map((reading) => reading.trim())
    .filter(Boolean);

const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)].filter(Boolean);
