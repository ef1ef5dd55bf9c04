/** Something that somebody must look at; goes to the log and to the audit file. */
export type AlarmKind =
  | "foreign-update"
  | "fork"
  | "server-rolled-back"
  | "document-ahead"
  | "lost-entries"
  | "store-failing"
  | "store-recovered"
  | "fold-broken"
  | "damage"
  | "backup-overdue"
  | "backup-damaged"
  | "drill-failed"
  | "drill-overdue"
  | "recovery-key-replaced"
  | "approval-waiting"
  | "standby-silent"
  | "standby-behind"
  | "superseded";

export interface Alarm {
  kind: AlarmKind;
  detail: Readonly<Record<string, string | number | boolean>>;
}

export type RaiseAlarm = (alarm: Alarm) => void;
