import type * as z from "zod/mini";
import type { Signer } from "../../shared/journal/ports.ts";
import { askTickets } from "../../shared/replica/server-contact.ts";
import { type TargetAnswer, targetAnswers } from "../../shared/safety/target-answers.ts";
import { problemCode, type ServerApi, Unreachable } from "../../shared/sync/server-api.ts";

/** What can be asked about places of backups; see the server's interface. */
export type TargetAsk =
  | { do: "list" }
  | { do: "test"; settings: Readonly<Record<string, unknown>> }
  | {
      do: "add";
      name: string;
      settings: Readonly<Record<string, unknown>>;
      offSite: boolean;
      offline: boolean;
    }
  | { do: "remove"; id: string };

export type TargetFault =
  | "offline"
  | "other-tab"
  | "https-only"
  | "not-entitled"
  | "settings-invalid"
  | "name-taken"
  | "failed";

type Answered<Kind extends TargetAsk["do"]> =
  | { ok: true; value: TargetAnswer<Kind> }
  | { ok: false; fault: TargetFault };

let post: ((ask: TargetAsk) => Promise<{ status: number; body: unknown }>) | undefined;

/** How to ask; set in the tab that has the device's key. */
export function onAskTargets(
  api: ServerApi,
  device: { org: string; device: string; signer: Signer },
): void {
  post = async (ask) => {
    const tickets = await askTickets(api, device, 1);
    const [ticket] = tickets.ok ? tickets.value : [];
    return api.post("/api/v1/targets", { ticket: ticket ?? "", ask });
  };
}

/** Passwords go to the server, and nowhere else. */
export async function askTargets<Kind extends TargetAsk["do"]>(
  ask: TargetAsk & { do: Kind },
): Promise<Answered<Kind>> {
  if (!post) return { ok: false, fault: "other-tab" };
  try {
    const answer = await post(ask);
    if (answer.status !== 200) return { ok: false, fault: faultOf(problemCode(answer)) };
    const schema: z.ZodMiniType = targetAnswers[ask.do];
    const read = schema.safeParse(answer.body);
    return read.success
      ? { ok: true, value: read.data as TargetAnswer<Kind> }
      : { ok: false, fault: "failed" };
  } catch (fault) {
    if (fault instanceof Unreachable) return { ok: false, fault: "offline" };
    throw fault;
  }
}

const told: readonly string[] = ["https-only", "not-entitled", "settings-invalid", "name-taken"];

const faultOf = (code: string): TargetFault =>
  told.includes(code) ? (code as TargetFault) : "failed";
