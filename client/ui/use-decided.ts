import { useState } from "react";
import { knownFields } from "../../shared/members/member-fields.ts";
import type { FieldConflict, MemberView } from "../../shared/replica/member-view.ts";

/** A conflict as a page shows it: open, or decided on this page and still there to change one's mind. */
export interface ShownConflict {
  conflict: FieldConflict;
  chosen: string | undefined;
}

export interface Decided {
  remember(member: MemberView, conflict: FieldConflict, chosen: string): void;
  /** in the order of the fields, which a decision does not change */
  shownOf(member: MemberView): ShownConflict[];
}

/** Keeps what was decided where it stood, as long as the page is open: nothing jumps under the finger. */
export function useDecided(): Decided {
  const [decided, setDecided] = useState<ReadonlyMap<string, ShownConflict>>(new Map());
  return {
    remember: (member, conflict, chosen) =>
      setDecided((before) =>
        new Map(before).set(keyOf(member, conflict.field), { conflict, chosen }),
      ),
    shownOf: (member) => shownConflicts(member, decided),
  };
}

/** Open conflicts, and decisions that still hold: not those that somebody has changed since. */
export function shownConflicts(
  member: MemberView,
  decided: ReadonlyMap<string, ShownConflict>,
): ShownConflict[] {
  const open = member.conflicts.map((conflict) => ({ conflict, chosen: undefined }));
  const isOpen = new Set(member.conflicts.map(({ field }) => field));
  const held = [...decided]
    .filter(
      ([
        key,
        {
          conflict: { field },
        },
      ]) => key === keyOf(member, field) && !isOpen.has(field),
    )
    .map(([, shown]) => shown)
    .filter(({ conflict, chosen }) => (member.fields[conflict.field] ?? "") === chosen);
  return [...open, ...held].sort(
    (a, b) => placeOf(a) - placeOf(b) || (fieldOf(a) < fieldOf(b) ? -1 : 1),
  );
}

const keyOf = (member: MemberView, field: string): string => `${member.id} ${field}`;

const fieldOf = ({ conflict }: ShownConflict): string => conflict.field;

const placeOf = (shown: ShownConflict): number => {
  const at = (knownFields as readonly string[]).indexOf(fieldOf(shown));
  return at < 0 ? knownFields.length : at;
};
