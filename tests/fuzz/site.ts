import { nodeSignatures } from "../../server/adapters/node-signatures.ts";
import { createApp } from "../../server/api/app.ts";
import type { Site } from "../../server/api/site.ts";
import { TicketOffice } from "../../server/api/ticket-office.ts";
import { createRecoveryDesk } from "../../server/recovery/create-recovery-desk.ts";
import { newPairingCode } from "../../shared/access/pairing-code.ts";
import { type Corpus, quickSigner } from "./corpus.ts";
import type { VictimServer } from "./victim-server.ts";

/** The production interface over a server in one of its modes. */
export function openSite(corpus: Corpus, victim: VictimServer, isRecovering: boolean) {
  const { random, recovery } = corpus.organisation;
  const clock = { now: corpus.organisation.clock.nowMs(), nowMs: () => clock.now };
  const errors: unknown[] = [];
  const server = { device: "srv9", key: quickSigner("srv9").publicKey };
  const { relay, timers } = victim;
  const site = {
    relay,
    tickets: new TicketOffice(clock, random),
    clock,
    random,
    signatures: nodeSignatures,
    server,
    setupCode: newPairingCode(random),
    recovery: isRecovering
      ? createRecoveryDesk({
          recovery,
          server,
          found: (entries) => relay.found(entries),
          clock,
          timers,
          signatures: nodeSignatures,
        })
      : undefined,
    version: "0",
    isHttps: false,
    https: { standing: { kind: "off" } },
    address: { origin: () => undefined, join: () => undefined },
    addresses: () => [],
    isOurOrigin: () => false,
    movedFrom: async () => undefined,
    dismiss: () => undefined,
  } as unknown as Site;
  const assets = { find: () => undefined, read: () => undefined } as never;
  const app = createApp(site, assets, (error) => void errors.push(error));
  return { app, clock, errors };
}

/** What a request may be answered with, whatever it looks like. */
export const allowedStatus = new Set([200, 400, 403, 404, 409, 413, 429]);
