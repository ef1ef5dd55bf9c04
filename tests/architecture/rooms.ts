/**
 * The rooms of `shared/`, from left to right. A room may import the rooms of the groups to its left;
 * rooms of one group do not know each other.
 */
const groups: readonly (readonly string[])[] = [
  ["outcome"],
  ["money", "time", "state-pages"],
  ["journal"],
  ["documents", "access"],
  ["members", "stored-value", "sales", "imports", "restoring"],
  ["sync", "safety"],
  ["replica"],
];

/** The exceptions: what a domain room may know of its neighbours. */
const neighbours: Readonly<Record<string, readonly string[]>> = {
  sales: ["members", "stored-value"],
  imports: ["members", "stored-value", "sales"],
  restoring: ["members", "stored-value"],
};

/** `shared/journal`, `client`, `server`, `tests`, `scripts`, or `.` for the project's own folder. */
export function roomOf(path: string): string {
  const [top = "", second = "", third] = path.split("/");
  if (second === "") return ".";
  return top === "shared" && third !== undefined ? `shared/${second}` : top;
}

const groupOf = (room: string): number =>
  groups.findIndex((group) => group.includes(room.replace("shared/", "")));

export const isKnownRoom = (room: string): boolean =>
  !room.startsWith("shared") || groupOf(room) >= 0;

export function mayImport(from: string, to: string): boolean {
  if (from === to || from === "tests" || from === ".") return true;
  if (from === "client" || from === "server") return to.startsWith("shared/");
  if (!from.startsWith("shared/") || !to.startsWith("shared/")) return false;
  const name = to.replace("shared/", "");
  return (
    groupOf(to) < groupOf(from) ||
    (neighbours[from.replace("shared/", "")]?.includes(name) ?? false)
  );
}
