import { say } from "../say.ts";

/** The owner stops a device: what it recorded afterwards does not count. */
export const stopping = {
  title: say("停用“{{name}}”", "Stop “{{name}}”"),
  what: say(
    "设备被偷、落到别人手里，就停用它：从现在起它记的账一律不算，它也不能换个身份继续用。已经到服务器的账照算。",
    "Do this when it was stolen or is in other hands: nothing that it records from now on counts, and it cannot go on under another identity. What the server has of it counts.",
  ),
  whatReplaced: say(
    "它已被接替。它不知道自己被接替、还在记的账，现在是照算的；停用以后，再来的一律不算。",
    "Another device has taken its place. What it goes on recording without knowing that still counts; once it is stopped, nothing more does.",
  ),
  purse: say(
    "它名下的余额会冻结，配对一台设备接替它就能用。",
    "The value that it holds is frozen until you pair a device in its place.",
  ),
  cannotUndo: say(
    "停用后不能恢复，只能重新配对。",
    "This cannot be undone; the device has to be paired anew.",
  ),
  stop: say("停用", "Stop it"),
  stopBack: say("停用，被接替以后记的都不算", "Stop it, and count nothing since it was replaced"),
} as const;
