import type {
  SafetyFacts,
  SafetyRuleName,
  SafetyStandby,
} from "../../shared/safety/safety-facts.ts";

const asked: Readonly<Record<SafetyRuleName, string>> = {
  copies: "3 copies",
  media: "2 kinds of media",
  "off-site": "1 off-site",
  offline: "1 offline or unchangeable",
  errors: "0 errors",
};

/** Five lines for 3-2-1-1-0 and one for each thing that could burn. */
export function safetyLines({
  rules,
  losses,
  places,
  operations,
  thin,
  standby,
}: SafetyFacts): string[] {
  const nameOf = (id: string | undefined) =>
    places.find((place) => place.id === id)?.name || (id ?? "");
  return [
    ...rules.map(
      ({ rule, ok, have, by, why }) =>
        `${asked[rule]}: ${ok ? "yes" : `NO, ${why}`} (${[have, ...by.map(nameOf)].join(", ")})`,
    ),
    ...(standby ? [standbyLine(standby)] : []),
    thin
      ? `${thin.operations} operations in fewer than three places`
      : "everything is in three places or more",
    ...losses.map(({ what, id, lost }) => {
      const gone =
        lost === 0 ? "nothing" : lost === operations ? "EVERYTHING" : `${lost} operations`;
      return `if ${what === "shop" ? "the shop" : `${what} ${nameOf(id)}`} burned now: ${gone} would be lost`;
    }),
  ];
}

function standbyLine({ name, origin, online, standing, behind, seenMs }: SafetyStandby): string {
  const seen = seenMs === undefined ? "never seen" : `last seen ${new Date(seenMs).toISOString()}`;
  const lag = behind === 0 ? "has everything" : `${behind} operations behind`;
  const state = standing === "following" ? "yes" : `NO, ${standing}`;
  return `standby ${name} at ${origin}: ${state} (${online ? "online" : seen}, ${lag})`;
}
