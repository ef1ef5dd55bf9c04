import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { appendEntry } from "../../shared/access/authority-log.ts";
import {
  newPairingCode,
  pairingSigner,
  readPairingCode,
} from "../../shared/access/pairing-code.ts";
import {
  newRecoveryKey,
  readRecoveryWords,
  recoveryPublic,
  recoveryWords,
} from "../../shared/access/recovery-key.ts";
import { signEntry } from "../../shared/access/sign-entry.ts";
import { fromBase64Url, toBase64Url } from "../../shared/journal/bytes.ts";
import { allocate, formatYuan, parseYuan, toFen } from "../../shared/money/fen.ts";
import { jsSignatures, seededRandom, signerOf, TestOrganisation } from "../harness/organisation.ts";

describe("the recovery card", () => {
  it("reads back from hanzi and from English words, however they are spaced [AC3]", () => {
    const key = newRecoveryKey(seededRandom("card"));
    const hanzi = recoveryWords(key, "zh");
    const english = recoveryWords(key, "en");
    expect(hanzi).toHaveLength(12);
    for (const typed of [
      hanzi.join(""),
      hanzi.join(" "),
      english.join(" "),
      english.join("\n").toUpperCase(),
    ])
      expect(readRecoveryWords(typed)).toEqual(key);
    const swapped = [hanzi[1], hanzi[0], ...hanzi.slice(2)].join("");
    expect(readRecoveryWords(swapped)).not.toEqual(key);
    expect(readRecoveryWords("not a card")).toBeUndefined();
    expect(recoveryPublic(key).sign).not.toBe(recoveryPublic(key).encrypt);
  });
});

describe("pairing codes", () => {
  it("carry 80 bits and forgive how they are typed [AC4]", () => {
    const code = newPairingCode(seededRandom("code"));
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
    expect(readPairingCode(` ${code.toLowerCase().replaceAll("-", " ")} `)).toBe(code);
    expect(readPairingCode("oooo-iiii-llll-0000")).toBe("0000-1111-1111-0000");
    expect(readPairingCode("short")).toBeUndefined();
  });

  it("enrol one device, once, as invited [AC5]", async () => {
    const organisation = await TestOrganisation.found();
    const signer = pairingSigner(newPairingCode(seededRandom("pair")));
    const invitation = {
      key: signer.publicKey,
      store: "s1",
      ceiling: "cashier",
      till: true,
      expires: 0,
    } as const;
    await organisation.append({ kind: "DeviceInvited", body: invitation });
    const key = { by: `invitation:${signer.publicKey}`, signer };
    const enrolment = (device: string, ceiling: "owner" | "cashier") =>
      ({
        kind: "DeviceEnrolled",
        body: {
          device,
          name: device,
          key: signerOf(device).publicKey,
          store: "s1",
          ceiling,
          till: true,
        },
      }) as const;
    await expect(organisation.append(enrolment("greedy", "owner"), [key])).rejects.toThrow(
      "beyond-invitation",
    );
    await organisation.append(enrolment("tablet", "cashier"), [key]);
    await expect(organisation.append(enrolment("twin", "cashier"), [key])).rejects.toThrow(
      "already-used",
    );
    const stranger = { by: `invitation:${signerOf("x").publicKey}`, signer: signerOf("x") };
    await expect(organisation.append(enrolment("y", "cashier"), [stranger])).rejects.toThrow(
      "not-entitled",
    );
  });
});

describe("the authority log", () => {
  it("is written by the owner's key; a cashier, a stale entry and a changed one are refused [AC6]", async () => {
    const organisation = await TestOrganisation.found();
    const { state } = organisation;
    if (!state) throw new Error("founded");
    const add = { kind: "StaffAdded", body: { staff: "eve", name: "Eve", role: "owner" } } as const;
    const by = (name: string, signer = signerOf(name)) => ({ by: `staff:${name}`, signer });
    await expect(organisation.append(add, [by("amy")])).rejects.toThrow("not-entitled");
    await expect(organisation.append(add, [by("boss", signerOf("eve"))])).rejects.toThrow(
      "not-entitled",
    );
    const good = await signEntry(state, add, [by("boss")], 0);
    expect(
      await appendEntry(state, good.replace('"owner"', '"cashier"'), jsSignatures),
    ).toMatchObject({ refusal: "bad-signature" });
    await organisation.append(add, [by("boss")]);
    expect(await appendEntry(state, good, jsSignatures)).toMatchObject({ refusal: "not-next" });
    expect(state.staff.get("eve")?.name).toBe("Eve");
  });
});

describe("money", () => {
  it("is read as people type it, and never rounded [MO1]", () => {
    const read = (text: string) => {
      const parsed = parseYuan(text);
      return parsed.ok ? parsed.value : parsed.refusal;
    };
    expect(
      [
        "35",
        "35.5",
        "1,234.50",
        "￥35",
        "35元",
        "３５．５０",
        "-3",
        ".5",
        "0.005",
        "1e3",
        "",
        "9007199254740993",
      ].map(read),
    ).toEqual([
      3500,
      3550,
      123450,
      3500,
      3500,
      3550,
      -300,
      "not-a-number",
      "too-many-decimals",
      "not-a-number",
      "not-a-number",
      "too-large",
    ]);
  });

  it("what is shown reads back as the same amount [MO3]", () => {
    void fc.assert(
      fc.property(fc.maxSafeInteger(), (amount) => {
        const parsed = parseYuan(formatYuan(amount));
        expect(parsed).toEqual({ ok: true, value: toFen(amount) });
      }),
    );
  });

  it("is split without a fen lost or made [MO4]", () => {
    void fc.assert(
      fc.property(
        fc.nat({ max: 2 ** 40 }),
        fc.array(fc.nat({ max: 2 ** 40 }), { minLength: 1, maxLength: 9 }),
        (amount, weights) => {
          if (weights.every((weight) => weight === 0)) return;
          const parts = allocate(toFen(amount), weights);
          expect(parts.reduce((sum, part) => sum + part, 0)).toBe(amount);
          expect(Math.min(...parts)).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });

  it("base64url reads back only what it wrote", () => {
    void fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes);
        expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString("base64url"));
      }),
    );
    expect([fromBase64Url("A"), fromBase64Url("AB"), fromBase64Url("A=")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
