import { hostname, networkInterfaces } from "node:os";
import type { Machine } from "../https/machine.ts";
import { isLoopback } from "../https/private-networks.ts";

export const nodeMachine: Machine = {
  hostName: hostname,
  addresses: () =>
    Object.entries(networkInterfaces()).flatMap(([network, addresses]) =>
      (addresses ?? [])
        .filter(({ internal }) => !internal)
        .map(({ address }) => ({ address: address.split("%")[0] ?? address, network })),
    ),
  isItself: isLoopback,
};
