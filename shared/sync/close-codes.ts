/** 4400–4499 are final for a y-websocket client; others reconnect. */
export const closeCodes = {
  badTicket: 4401,
  notYours: 4403,
  noSuchDocument: 4404,
  foreignUpdate: 4409,
  /** another server serves this shop */
  superseded: 4410,
  /** waits to be promoted, and serves nobody */
  standby: 4411,
  tooLarge: 4413,
  malformed: 4400,
  tooMany: 4429,
  restarting: 1012,
} as const;
