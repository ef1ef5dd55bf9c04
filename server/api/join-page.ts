import { renderSVG } from "uqr";
import type { JoinRequest } from "./join-request.ts";
import { joinDevices, joinWords } from "./join-words.ts";

export interface JoinFacts {
  /** where the app is opened, once it was chosen */
  origin: string | undefined;
  /** this page over plain http */
  join: string | undefined;
  /** SHA-256 of the certificate to trust; undefined when there is nothing to install */
  fingerprint: string | undefined;
}

/**
 * The page that a device sees first: no script in it, no style in it, nothing that a browser of the
 * last ten years does not know.
 */
export function joinPage(facts: JoinFacts, request: JoinRequest): string {
  const words = joinWords[request.language];
  const scan = scanSection(facts, request);
  const isDesk = request.device === "windows" || request.device === "mac";
  const title = escaped(words.title);
  return `<!doctype html>
<html lang="${words.locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="format-detection" content="telephone=no">
<title>${title}</title>
<link rel="stylesheet" href="/join/style.css">
</head>
<body>
<header class="head">
${seal}
<span class="brand">${escaped(words.brand)}</span>
<a class="language" href="${linkTo(request, { language: request.language === "zh" ? "en" : "zh" })}" lang="${
    request.language === "zh" ? "en" : "zh-CN"
  }">${escaped(words.other)}</a>
</header>
<main class="main">
<h1>${title}</h1>
<p class="lead">${escaped(facts.fingerprint === undefined ? words.leadOwn : words.lead)}</p>
${request.isWeChat ? notice("warning", words.wechat) : ""}
${isDesk ? scan : ""}
${facts.origin === undefined ? notice("warning", words.unchosen) : checkSection(facts.origin, facts, request)}
${facts.fingerprint === undefined ? "" : trustSection(facts.fingerprint, request)}
${isDesk ? "" : scan}
</main>
<script src="/join/check.js"></script>
</body>
</html>
`;
}

function trustSection(fingerprint: string, request: JoinRequest): string {
  const words = joinWords[request.language];
  const { device } = request;
  const tabs = joinDevices.map(
    (each) =>
      `<a class="tab" data-device="${each}"${each === device ? ' aria-current="true"' : ""} href="${linkTo(request, { device: each })}#steps">${escaped(words.names[each])}</a>`,
  );
  const file = device === "ios" ? "root.mobileconfig" : "root.crt";
  const steps = words.steps[device].map((step) => `<li>${escaped(step)}</li>`);
  return `<section id="steps" data-guessed="${request.isChosen ? "" : device}">
<h2>${escaped(words.trustTitle)}</h2>
<nav class="tabs" aria-label="${escaped(words.which)}">
${tabs.join("\n")}
</nav>
<div class="sheet">
${request.isForeignOnIos ? notice("warning", words.notSafari) : ""}
<p class="act"><a class="button" id="get" href="/join/${file}">${escaped(words.download[device])}</a></p>
<ol class="steps">
${steps.join("\n")}
</ol>
</div>
</section>
<section>
<h2>${escaped(words.compareTitle)}</h2>
<p class="soft">${escaped(words.compare)}</p>
<p class="print">${linesOf(fingerprint).map(escaped).join("<br>")}</p>
</section>`;
}

function checkSection(origin: string, { join }: JoinFacts, request: JoinRequest): string {
  const words = joinWords[request.language];
  const { host } = new URL(origin);
  const gone = words.gone.replace("{host}", host);
  const near = join === undefined ? "" : new URL("/join/trusted.png", join).href;
  const said = [
    ["yes", words.yes],
    ["no", words.no],
    ["gone", gone],
    ["wait", words.wait],
  ].map(([name, text = ""]) => `data-${name}="${escaped(text)}"`);
  return `<section id="check">
<h2>${escaped(words.checkTitle)}</h2>
<p class="notice" id="trust" role="status" data-far="${escaped(origin)}/join/trusted.png" data-near="${escaped(near)}" ${said.join(" ")}></p>
<noscript><p class="notice warning">${escaped(words.noScript)}</p></noscript>
<p class="act" id="again" hidden><button class="button plain" type="button">${escaped(words.again)}</button></p>
<p class="act"><a class="button plain" id="open" href="${escaped(origin)}/">${escaped(words.open)}</a></p>
<p class="origin">${escaped(origin)}</p>
<p class="soft">${escaped(words.remember)}</p>
</section>`;
}

function scanSection({ join, origin }: JoinFacts, { language }: JoinRequest): string {
  const words = joinWords[language];
  const link = join ?? origin;
  if (link === undefined) return "";
  return `<section class="scan">
<h2>${escaped(words.scanTitle)}</h2>
<div class="code" role="img" aria-label="${escaped(link)}">${renderSVG(link, { border: 2 })}</div>
<p class="soft">${escaped(words.scan)}</p>
<p class="origin">${escaped(link)}</p>
</section>`;
}

const notice = (tone: "warning", text: string): string =>
  `<p class="notice ${tone}">${escaped(text)}</p>`;

const linkTo = (request: JoinRequest, change: Partial<JoinRequest>): string => {
  const { device, language, isChosen } = { ...request, ...change };
  const chosen = isChosen || change.device !== undefined ? `device=${device}&amp;` : "";
  return `/join?${chosen}lang=${language}`;
};

/** Eight bytes a line: read aloud, compared with a finger. */
const linesOf = (fingerprint: string): string[] =>
  fingerprint.match(/(?:[0-9A-F]{2}:?){1,8}/g)?.map((line) => line.replace(/:$/, "")) ?? [];

const escaped = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");

const seal = `<svg class="seal" viewBox="0 0 40 40" width="40" height="40" aria-hidden="true" focusable="false"><rect x="1" y="1" width="38" height="38" rx="8" fill="#a93422"/><rect x="4" y="4" width="32" height="32" rx="5.5" fill="none" stroke="#fff" stroke-opacity=".55"/><text x="20" y="26.5" text-anchor="middle" font-size="15" font-weight="700" fill="#fff" font-family="Songti SC,STSong,Noto Serif CJK SC,SimSun,serif" letter-spacing="-.5">有备</text></svg>`;
