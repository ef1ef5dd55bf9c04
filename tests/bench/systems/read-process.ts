import { readFileSync } from "node:fs";

/** What the kernel says of a process. Linux only. */
export interface ProcessReading {
  cpuSeconds: number;
  rssBytes: number;
  /** bytes that it caused to be written to disk */
  writtenBytes: number;
}

/** 100 ticks a second: what Linux has told user space for decades, whatever the kernel's own clock. */
const ticksPerSecond = 100;

export function readProcess(pid: number): ProcessReading {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  const numberIn = (file: string, name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(readFileSync(file, "utf8"))?.[1] ?? 0);
  return {
    cpuSeconds: (user + system) / ticksPerSecond,
    rssBytes: numberIn(`/proc/${pid}/status`, "VmRSS") * 1024,
    writtenBytes: numberIn(`/proc/${pid}/io`, "write_bytes"),
  };
}
