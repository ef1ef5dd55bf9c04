import { formatYuan } from "../../shared/money/fen.ts";
import { type Manifest, pagesOf } from "../snapshots/manifest.ts";

interface ManifestFacts {
  /** by the server that it names, as the authority log of today has it */
  isSigned: boolean;
  serverName: string | undefined;
  /** when it was read back last and found whole */
  checkedMs: number | undefined;
  /** blobs that are not there, or not of their size */
  missing: number;
}

/** A version's manifest in words, for people who read either language. */
export function manifestLines(manifest: Manifest, facts: ManifestFacts): string[] {
  const { id, time, reason, term, organisation, server, documents, keyring, state } = manifest;
  const { principal, bonus } = state.liabilities;
  const pages = pagesOf(manifest);
  const names = Object.entries(state.counts).map(([name, count]) => `${name} ${count}`);
  const by = facts.serverName === undefined ? server : `${facts.serverName} (${server})`;
  return [
    `快照 snapshot ${id}`,
    `时间 taken: ${time}, ${reason}`,
    `店铺 shop: ${organisation.name} (${organisation.id}), 任期 term ${term}`,
    `由 by: ${by}, ${facts.isSigned ? "签名有效 signed" : "签名无效 NOT SIGNED by a server of this shop"}`,
    facts.checkedMs === undefined
      ? "尚未验证，运行 not read back since: run `snapshot verify`"
      : `已验证 read back whole: ${new Date(facts.checkedMs).toISOString()}`,
    `内容 holds: ${names.join(", ")}`,
    `欠会员 owed to members: ¥${formatYuan(principal + bonus)} (本金 principal ¥${formatYuan(principal)}, 赠送 bonus ¥${formatYuan(bonus)})`,
    ...(state.disputed === 0 ? [] : [`有争议 disputed: ¥${formatYuan(state.disputed)}`]),
    "试算 trial balance",
    ...Object.entries(state.trialBalance).map(
      ([account, fen]) => `  ${account} ¥${formatYuan(fen)}`,
    ),
    `文档 documents (${documents.length})`,
    ...documents.map(
      ({ name, elements, pages: own }) =>
        `  ${name}: ${elements} 条 elements, ${sizeOf(own)} 份 blobs`,
    ),
    `密钥 keys: ${keyring.count}${keyring.missing.count > 0 ? `, 缺 ${keyring.missing.count} MISSING` : ""}`,
    `大小 size: ${sizeOf(pages)} 份 blobs${facts.missing > 0 ? `, 缺 ${facts.missing} MISSING` : ""}`,
    `状态 state hash: ${state.hash}`,
  ];
}

const sizeOf = (pages: readonly { bytes: number }[]): string =>
  `${Math.ceil(pages.reduce((sum, { bytes }) => sum + bytes, 0) / 1024)} KiB, ${pages.length}`;
