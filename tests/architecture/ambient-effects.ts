import { codeFiles, type Rule } from "./file-map.ts";
import { parseSource, type SyntaxNode } from "./parse-source.ts";

/** What the compiler cannot keep out of `shared/`, or would only with an error nobody understands. */
const ambientNames = new Set(
  "console process setTimeout setInterval localStorage sessionStorage indexedDB globalThis".split(
    " ",
  ),
);
const ambientMembers: Readonly<Record<string, string>> = { Date: "now", Math: "random" };

/** `shared/` reads no clock, no randomness, no storage, and writes nothing: all that comes by ports. */
export const sharedIsPure: Rule = (files) =>
  codeFiles(files, "shared")
    .filter(([path]) => path !== "shared/globals.d.ts")
    .flatMap(([path, text]) => {
      const source = parseSource(path, text);
      return source.nodes.flatMap(({ node, parent }) => {
        const effect = effectOf(node, parent);
        return effect ? [`${path}:${source.lineOf(node)}: ${effect}`] : [];
      });
    });

function effectOf(node: SyntaxNode, parent: SyntaxNode | undefined): string | undefined {
  const callee = nameOf(node.callee);
  if (node.type === "NewExpression" && callee === "Date" && isEmpty(node.arguments))
    return "new Date()";
  if (node.type === "CallExpression" && callee === "Date") return "Date()";
  if (node.type === "MemberExpression") {
    const [object, member] = [nameOf(node.object) ?? "", nameOf(node.property)];
    return member && ambientMembers[object] === member ? `${object}.${member}` : undefined;
  }
  const name = nameOf(node);
  return name && ambientNames.has(name) && !isOnlyAName(node, parent) ? name : undefined;
}

/** `row.process` or `{ process: 1 }`: a word of ours that happens to be called so. */
const isOnlyAName = (node: SyntaxNode, parent: SyntaxNode | undefined): boolean =>
  parent !== undefined &&
  parent.computed !== true &&
  (parent.property === node || parent.key === node);

const nameOf = (value: unknown): string | undefined => {
  const node = value as SyntaxNode | null | undefined;
  return node?.type === "Identifier" ? (node.name as string) : undefined;
};

const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
