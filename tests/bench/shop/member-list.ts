import { createNodePlatform } from "../../../server/adapters/node-platform.ts";
import { authorityDocument, journalDocument } from "../../../shared/documents/document-name.ts";
import { toBase64Url } from "../../../shared/journal/bytes.ts";
import { elementsOf } from "../../../shared/journal/run.ts";
import { hashOfKey, newMemberKey, sealFields } from "../../../shared/members/member-fields.ts";
import { sealContext } from "../../../shared/members/member-kinds.ts";
import type { Drafting } from "../../../shared/replica/author.ts";
import { type BenchShop, random } from "./bench-shop.ts";
import { SalesAuthor } from "./sales-author.ts";
import { silentLog } from "./silent-log.ts";

const perRun = 100;

/** A device's folder with so many members, named and sealed as real ones, in runs of a hundred. */
export async function storeMembers(folder: string, shop: BenchShop, count: number): Promise<void> {
  const store = await createNodePlatform(silentLog).openStore(folder);
  await store.load();
  await store.commit({
    append: [{ name: authorityDocument, from: 0, elements: shop.authority }],
  });
  const author = await SalesAuthor.open(shop, 0);
  const name = journalDocument(1, shop.store, "2026-11");
  let from = 0;
  for (let nth = 0; nth < count; nth += perRun) {
    const keys: [string, string][] = [];
    const drafts = Array.from({ length: Math.min(perRun, count - nth) }, (_, at) =>
      addMember(shop.org, nth + at, keys),
    );
    const elements = elementsOf(await author.write(drafts));
    await store.commit({ append: [{ name, from, elements }], keysAdd: keys });
    from += elements.length;
  }
  await store.close();
}

const addMember =
  (org: string, nth: number, keys: [string, string][]): Drafting =>
  ({ ref }) => {
    const key = newMemberKey(random);
    const phone = `138${String(nth).padStart(8, "0")}`;
    const fields = { name: `会员${nth}`, phone, card: `VIP${nth}`, level: "金卡" };
    keys.push([ref, toBase64Url(key)]);
    return {
      kind: "MemberAdded",
      body: {
        keyHash: hashOfKey(key),
        fields: Object.keys(fields).sort(),
        sealed: sealFields(key, sealContext(org, ref), fields, random),
      },
    };
  };
