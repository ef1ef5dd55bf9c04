import { describe, expect, test } from "vitest";
import { records } from "../../client/i18n/sayings/records.ts";
import { nextStepOf } from "../../client/journeys/settings/not-counted-reasons.ts";
import { reasonOf } from "../../client/shop/not-counted.ts";
import { codeFiles, readProject } from "../architecture/file-map.ts";
import { parseSource, type SyntaxNode } from "../architecture/parse-source.ts";

/** The types that name reasons one by one. */
const reasonTypes = new Set(["QuarantineReason", "ClaimFault"]);

/**
 * Every reason that the code can give for not counting an operation: the members of the reason types,
 * what the rules' `fault` answers, and what the fold sets aside itself.
 */
function reasonsInCode(): Map<string, string> {
  const found = new Map<string, string>();
  for (const [path, text] of codeFiles(readProject(), "shared")) {
    for (const { node, parent } of parseSource(path, text).nodes) {
      const given = isReasonType(node)
        ? wordsBelow(node)
        : isFaultFunction(node, parent, path)
          ? answersOf(node)
          : isSetAside(node)
            ? (node.arguments as SyntaxNode[]).slice(3).flatMap(wordOf)
            : [];
      for (const reason of given) found.set(reason, path);
    }
  }
  return found;
}

const isReasonType = (node: SyntaxNode): boolean =>
  node.type === "TSTypeAliasDeclaration" && reasonTypes.has((node.id as { name: string }).name);

function isFaultFunction(node: SyntaxNode, parent: SyntaxNode | undefined, path: string): boolean {
  if (!/-rules\.ts$/.test(path) || !/Function/.test(node.type)) return false;
  const named = (node.id ?? parent?.key ?? parent?.id) as { name?: string } | undefined;
  return /^fault/.test(named?.name ?? "");
}

const isSetAside = (node: SyntaxNode): boolean =>
  node.type === "CallExpression" &&
  (node.callee as { property?: { name?: string } }).property?.name === "except";

/** Words in the places from which a function answers; not those that it compares with. */
function answersOf(node: SyntaxNode): string[] {
  const below = (part: unknown): string[] => {
    if (Array.isArray(part)) return part.flatMap(below);
    if (!isNode(part)) return [];
    if (part.type === "ReturnStatement") return answer(part.argument);
    if (/Function/.test(part.type)) return [];
    return Object.values(part).flatMap(below);
  };
  const answer = (part: unknown): string[] => {
    if (!isNode(part)) return [];
    if (part.type === "ParenthesizedExpression") return answer(part.expression);
    if (part.type === "ConditionalExpression")
      return [...answer(part.consequent), ...answer(part.alternate)];
    return wordOf(part);
  };
  const body = node.body as SyntaxNode;
  return body.type === "BlockStatement" ? below(body.body) : answer(body);
}

const wordOf = (node: SyntaxNode): string[] =>
  node.type === "Literal" && typeof node.value === "string" ? [node.value] : [];

const wordsBelow = (part: unknown): string[] => {
  if (Array.isArray(part)) return part.flatMap(wordsBelow);
  if (!isNode(part)) return [];
  return [...wordOf(part), ...Object.values(part).flatMap(wordsBelow)];
};

const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === "object" && value !== null && typeof (value as SyntaxNode).type === "string";

/** What waiting and newer kinds come to: their reasons are references and names. */
const reworded = ["needs-record", "needs-value", "newer-version"];

describe("operations that do not count", () => {
  const reasons = reasonsInCode();

  test("the reasons are found in the code, of every sort", () => {
    for (const [reason, path] of [
      ["after-cut", "shared/access/judge.ts"],
      ["overspent", "shared/stored-value/credit-claims.ts"],
      ["another-members-value", "shared/sales/sale-rules.ts"],
      ["lot-and-purse-differ", "shared/stored-value/value-rules.ts"],
      ["not-an-import", "shared/imports/import-rules.ts"],
      ["batch-open", "shared/replica/fold-journal.ts"],
      ["malformed", "shared/replica/fold-journal.ts"],
    ])
      expect(reasons.get(reason as string), reason).toBe(path);
    expect(reasons.size).toBeGreaterThanOrEqual(28);
  });

  test.each([...reasons.keys(), ...reworded])(
    "%s is said in a sentence, with what to do",
    (reason) => {
      const known = nextStepOf(reason);
      expect(known, "a sentence and a next step").toBeDefined();
      if (!known) return;
      for (const language of ["zh", "en"] as const) {
        expect(records.reasons[known.reason][language]).toMatch(/.{6,}[。.]$/);
        expect(records.next[known.next][language]).toMatch(/.{6,}[。.]$/);
      }
    },
  );

  test("no sentence is kept for a reason that nobody gives", () => {
    const said = Object.keys(records.reasons).filter((reason) => reason !== "other");
    expect(said.sort()).toEqual([...new Set([...reasons.keys(), ...reworded])].sort());
  });

  test.each([
    ["waiting", "till1@s1:4", "needs-record"],
    ["waiting", "till1@s1:4#0", "needs-value"],
    ["waiting", "~till1@s1:4#0", "needs-value"],
    ["waiting", "batch-open", "batch-open"],
    ["unknown-kind", "PointsEarned", "newer-version"],
    ["refused", "overspent", "overspent"],
  ] as const)("%s %s is told as %s", (standing, reason, told) => {
    expect(reasonOf({ standing, reason })).toBe(told);
  });
});
