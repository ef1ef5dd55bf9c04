import { say } from "../say.ts";

/** Value that was spent twice in good faith. */
export const disputed = {
  title: say("有争议的余额", "Disputed value"),
  note: say(
    "被接替的设备在不知情时继续收了款，接替它的设备也用了同一份余额；账都照记，多出来的部分记在店里，不扣会员别的充值。",
    "A device that had been replaced went on selling without knowing, and its successor spent the same value; every sale stands, and the shop bears the difference, not the member's other top-ups.",
  ),
  by: say("{{names}} 在被接替之后记的", "Recorded by {{names}} after it was replaced"),
  owed: say(
    "其中 {{amount}} 在收银设备上，联网后自动收回",
    "{{amount}} of it lies in a till and comes back by itself once that is online",
  ),
  next: say(
    "请核对这位会员的账，和会员商量怎么办。",
    "Check this member's record and settle it with them.",
  ),
  rows: say("{{n}} 位会员的余额有争议", "Disputed value of {{n}} members"),
} as const;
