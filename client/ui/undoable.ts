/** What is to be undone, in the words of the list it was chosen from. */
export interface Undoable {
  ref: string;
  title: string;
  amountFen: number;
  /** whose it is */
  member: string | undefined;
}
