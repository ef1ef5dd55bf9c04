/** The look of the app, in words that old browsers know: no variables, no grid. */
export const joinStyle = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:#f4f1e9;color:#17241f;font:16px/1.6 system-ui,-apple-system,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",sans-serif;overflow-wrap:break-word}
a{color:#07694c}
h1{margin:0;font-size:29px;font-weight:650;line-height:1.25}
h2{margin:0 0 10px;font-size:18px;font-weight:650}
section{margin-top:34px}
.head{display:-webkit-flex;display:flex;-webkit-align-items:center;align-items:center;max-width:980px;margin:0 auto;padding:18px 20px}
.seal{display:block;-webkit-flex:none;flex:none}
.brand{-webkit-flex:1;flex:1;margin-left:12px;font-size:17px;font-weight:650;letter-spacing:.04em}
.language{display:inline-block;min-width:44px;padding:10px 14px;border:1px solid #b9b09c;border-radius:11px;color:#17241f;line-height:22px;text-align:center;text-decoration:none}
.main{max-width:600px;margin:0 auto;padding:18px 20px 72px}
.lead{margin:12px 0 0;color:#56635d;font-size:17px;line-height:1.7}
.soft{margin:10px 0 0;color:#56635d;line-height:1.7}
.sheet{padding:18px;border:1px solid #ddd6c7;border-radius:0 0 14px 14px;background:#fffdf9}
.tabs{display:-webkit-flex;display:flex;overflow-x:auto;border:1px solid #ddd6c7;border-bottom:0;border-radius:14px 14px 0 0;background:#ebe6da}
.tab{-webkit-flex:1 0 auto;flex:1 0 auto;min-height:48px;padding:12px 14px 10px;border-bottom:3px solid transparent;color:#4a5750;line-height:24px;text-align:center;text-decoration:none;white-space:nowrap}
.tab[aria-current]{border-bottom-color:#087f5b;background:#fffdf9;color:#07694c;font-weight:650}
.act{margin:0;padding:4px 0}
.button{display:block;width:100%;min-height:52px;padding:13px 18px;border:1px solid #087f5b;border-radius:10px;background:#087f5b;color:#fff;font:inherit;font-weight:650;line-height:24px;text-align:center;text-decoration:none;cursor:pointer;-webkit-appearance:none;appearance:none}
.button.plain{border-color:#b9b09c;background:#fffdf9;color:#07694c}
.steps{margin:14px 0 0;padding:0;list-style:none;counter-reset:step}
.steps li{position:relative;margin:0;padding:12px 0 12px 44px;border-top:1px solid #ddd6c7;line-height:1.7;counter-increment:step}
.steps li:before{position:absolute;top:12px;left:0;width:28px;height:28px;border-radius:50%;background:#e0f0e7;color:#07694c;font-weight:650;line-height:28px;text-align:center;content:counter(step)}
.print{margin:12px 0 0;padding:14px 16px;border:1px solid #ddd6c7;border-bottom:4px double #b9b09c;border-radius:10px;background:#fffdf9;font:16px/1.9 ui-monospace,SFMono-Regular,Consolas,"Roboto Mono","Noto Sans Mono",monospace;text-align:center;overflow-x:auto;white-space:nowrap}
.notice{margin:0 0 12px;padding:13px 15px;border-radius:12px;background:#ebe6da;line-height:1.6}
.notice.good{background:#e0f0e7;color:#07543d;font-weight:650}
.notice.warning,.notice.bad{background:#f9edd2}
.lead+.notice{margin-top:18px}
.origin{margin:10px 0 0;font-size:17px;font-weight:650;text-align:center;overflow-wrap:break-word;word-break:break-all}
.scan{text-align:center}
.code{width:236px;max-width:70%;margin:0 auto;padding:8px;border:1px solid #ddd6c7;border-radius:16px;background:#fff}
.code svg{display:block;width:100%;height:auto}
[hidden]{display:none}
a:focus,button:focus{outline:3px solid #07694c;outline-offset:2px}
@media (max-width:400px){.print{padding:12px 6px;font-size:14px}.tab{padding-right:6px;padding-left:6px;font-size:15px}}
@media (prefers-color-scheme:dark){
body{background:#0f1513;color:#e9efe9}
a{color:#5fd3a8}
.language{border-color:#47544e;color:#e9efe9}
.lead,.soft{color:#a2b0a8}
.sheet,.print{border-color:#29332f;background:#171f1c}
.tabs{border-color:#29332f;background:#0b100e}
.tab{color:#a2b0a8}
.tab[aria-current]{border-bottom-color:#5fd3a8;background:#171f1c;color:#5fd3a8}
.button{color:#fff}
.button.plain{border-color:#47544e;background:#171f1c;color:#5fd3a8}
.steps li{border-top-color:#29332f}
.steps li:before{background:#11302a;color:#5fd3a8}
.print{border-bottom-color:#47544e}
.notice{background:#26302c}
.notice.good{background:#11302a;color:#8be8c4}
.notice.warning,.notice.bad{background:#362a12}
.code{border-color:#29332f}
a:focus,button:focus{outline-color:#5fd3a8}
}
`.trimStart();

/**
 * Says whether this device trusts the certificate: an image comes from there, or does not. For browsers
 * of the last ten years, so without anything newer.
 */
export const joinCheck = `
(function () {
  "use strict";
  var place = document.getElementById("trust");
  var again = document.getElementById("again");
  var open = document.getElementById("open");
  var get = document.getElementById("get");
  var steps = document.getElementById("steps");
  if (steps && steps.getAttribute("data-guessed") === "mac" && navigator.maxTouchPoints > 1) {
    var ipad = document.querySelector('[data-device="ios"]');
    if (ipad) location.replace(ipad.href.split("#")[0]);
  }
  if (!place) return;
  function say(name, tone) {
    place.className = "notice " + tone;
    place.setAttribute("data-says", name);
    place.innerHTML = "";
    place.appendChild(document.createTextNode(place.getAttribute("data-" + name) || ""));
    if (again) again.hidden = name === "yes" || name === "wait";
    if (open) open.className = name === "yes" ? "button" : "button plain";
    if (get) get.className = name === "yes" ? "button plain" : "button";
  }
  function load(address, told) {
    var image = new Image();
    var settled = false;
    function settle(came) {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      told(came);
    }
    var timer = setTimeout(function () { settle(false); }, 10000);
    image.onload = function () { settle(true); };
    image.onerror = function () { settle(false); };
    image.src = address + "?at=" + new Date().getTime();
  }
  function check() {
    var near = place.getAttribute("data-near");
    say("wait", "");
    load(place.getAttribute("data-far"), function (came) {
      if (came) return say("yes", "good");
      if (!near || location.protocol !== "http:") return say("no", "warning");
      load(near, function (reached) { say(reached ? "no" : "gone", "warning"); });
    });
  }
  if (again) again.getElementsByTagName("button")[0].onclick = check;
  window.onpageshow = function (event) { if (event.persisted) check(); };
  document.addEventListener("visibilitychange", function () {
    if (!document.hidden && place.getAttribute("data-says") !== "yes") check();
  });
  check();
})();
`.trimStart();

/** One transparent pixel. */
export const joinPixel = new Uint8Array(
  Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
    "base64",
  ),
);
