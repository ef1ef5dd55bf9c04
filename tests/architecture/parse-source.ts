import { parseSync } from "vite";

/** A node of the syntax tree, as far as the rules look. */
export interface SyntaxNode {
  type: string;
  start: number;
  [field: string]: unknown;
}

export interface Source {
  /** what the file imports or exports from, as written; `import("…")` and types included */
  imports: string[];
  hasDefaultExport: boolean;
  /** it does nothing but pass on what others export */
  isBarrel: boolean;
  /** every node, parents first */
  nodes: { node: SyntaxNode; parent: SyntaxNode | undefined }[];
  lineOf(node: SyntaxNode): number;
}

const sourcesByText = new Map<string, Source>();

export function parseSource(path: string, text: string): Source {
  const key = `${path}\0${text}`;
  const source = sourcesByText.get(key) ?? readSource(path, text);
  sourcesByText.set(key, source);
  return source;
}

function readSource(path: string, text: string): Source {
  const { program, errors } = parseSync(path, text);
  if (errors[0]) throw new Error(`${path} does not parse: ${errors[0].message}`);
  const body = program.body as unknown as SyntaxNode[];
  const nodes = body.flatMap((statement) => nodesBelow(statement, undefined));
  return {
    imports: nodes.flatMap(({ node }) => importOf(node)),
    hasDefaultExport: body.some((statement) => exportsDefault(statement)),
    isBarrel: body.length > 0 && body.every((statement) => isReExport(statement)),
    nodes,
    lineOf: (node) => text.slice(0, node.start).split("\n").length,
  };
}

function nodesBelow(node: SyntaxNode, parent: SyntaxNode | undefined): Source["nodes"] {
  const below = Object.values(node)
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .filter(isNode);
  return [{ node, parent }, ...below.flatMap((child) => nodesBelow(child, node))];
}

const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === "object" && value !== null && typeof (value as SyntaxNode).type === "string";

const importing = new Set([
  "ImportDeclaration",
  "ImportExpression",
  "ExportAllDeclaration",
  "ExportNamedDeclaration",
  "TSImportType",
]);

function importOf(node: SyntaxNode): string[] {
  const source = node.source as { value?: unknown } | null | undefined;
  return importing.has(node.type) && typeof source?.value === "string" ? [source.value] : [];
}

const isReExport = (statement: SyntaxNode): boolean =>
  statement.type === "ExportAllDeclaration" ||
  (statement.type === "ExportNamedDeclaration" && statement.source !== null);

function exportsDefault(statement: SyntaxNode): boolean {
  if (statement.type === "ExportDefaultDeclaration") return true;
  const specifiers = (statement.specifiers ?? []) as { exported?: { name?: string } }[];
  return specifiers.some(({ exported }) => exported?.name === "default");
}
