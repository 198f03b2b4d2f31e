// The appeal under an article of any site. `WORDS` and `STYLE` are filled in as it is served; comments and
// indentation are left out then. It asks nobody but the address it came from, and sets no cookie.
(() => {
  const tag = document.currentScript || document.querySelector('script[src*="/appeal.js"]');
  if (!tag) return;
  const data = tag.dataset, base = new URL(".", tag.src).href, campaign = data.campaign || "";
  const plain = "frame" in data && document.getElementById("plain");

  // What this browser remembers: days, the variant it was dealt, and nothing of what was read. Where nothing
  // may be kept, the appeal is shown and not counted.
  const KEY = "small-favor", inDays = days => new Date(Date.now() + days * 864e5).toISOString().slice(0, 10);
  const today = inDays(0);
  const notes = () => {
    try { return JSON.parse(localStorage.getItem(KEY)) || {}; } catch { return {}; }
  };
  const note = more => {
    try { localStorage.setItem(KEY, JSON.stringify({ ...notes(), ...more })); } catch {}
  };

  // The way back from our pages carries why its bearer is not to be asked, and until when: kept, and taken out
  // of the address.
  const mark = /[#&]small-favor=([\w-]+)[^&]*/.exec(location.hash);
  if (mark) {
    try {
      const { kind, until } = JSON.parse(atob(mark[1].replace(/-/g, "+").replace(/_/g, "/")));
      if (kind === "supporter" || kind === "gave") note({ [kind]: until });
    } catch {}
    const rest = location.hash.replace(mark[0], "").replace(/^[#&]*/, "");
    history.replaceState(history.state, "", location.pathname + location.search + (rest && "#" + rest));
  }
  if ("silent" in data) return;

  const start = words => {
    const { say, variants } = words, keys = Object.keys(variants), preview = keys.includes(data.variant);
    if (plain) plain.hidden = true;
    // A date far ahead is nobody's: a forged mark hides the appeal for a while at most.
    const kept = notes(), ahead = until => until >= today && until < inDays(400);
    if (!preview && (ahead(kept.supporter) || ahead(kept.gave) || ahead(kept.closed))) return;

    // Dealt once and kept, so that the same words come again; dealt anew when the variants change, or those
    // who came before would all be among the old ones.
    const among = keys.join();
    let key = data.variant;
    if (!preview) {
      key = kept.among === among ? kept.variant : keys[Math.floor(Math.random() * keys.length)];
      note({ variant: key, among });
    }
    if (!variants[key]) return;
    const counted = !preview && notes().variant === key && !navigator.globalPrivacyControl
      && navigator.doNotTrack !== "1" && window.doNotTrack !== "1";
    const tell = what => {
      if (!counted || notes()[what] === today) return;
      note({ [what]: today });
      fetch(base + "appeal/counts", {
        method: "POST", mode: "no-cors", keepalive: true, credentials: "omit", referrerPolicy: "no-referrer",
        body: new URLSearchParams({ what, variant: key, campaign }),
      }).catch(() => {});
    };

    const make = (name, attributes, ...children) => {
      const made = document.createElement(name);
      for (const attribute in attributes) made.setAttribute(attribute, attributes[attribute]);
      made.append(...children);
      return made;
    };
    const paragraphs = texts => texts.map(text => make("p", {}, text));
    const button = (kind, text, pressed) => {
      const made = make("button", { type: "button", class: kind }, text);
      made.addEventListener("click", pressed);
      return made;
    };
    const radios = (name, choices, chosen) => choices.map(([value, text], index) => {
      const input = make("input", { type: "radio", name, value });
      input.checked = index === chosen;
      return make("label", {}, input, make("span", {}, text));
    });

    let interval = words.intervals[words.chosen], amount;
    const link = (kind, text) => make("a", { class: kind, target: "_top", referrerpolicy: "no-referrer" }, text);
    const go = link("go", say.go), later = link("quiet", say.later);
    const direct = () => {
      const query = new URLSearchParams({ interval: interval.key, amount, currency: words.currency, lang: words.language });
      if (campaign) query.set("campaign", campaign);
      if (counted) query.set("variant", key);
      go.href = base + "support?" + query;
      later.href = base + "reminders?" + query;
    };
    const tiles = make("div", { class: "tiles" });
    const offer = () => {
      tiles.replaceChildren(...radios("amount", [...interval.amounts, ["other", say.other]], interval.chosen));
      amount = (interval.amounts[interval.chosen] || ["other"])[0];
      direct();
    };
    const often = make("div", { class: "segments" }, ...radios("interval", words.intervals.map(one => [one.key, one.label]), words.chosen));
    often.addEventListener("change", event => {
      interval = words.intervals.find(one => one.key === event.target.value);
      offer();
    });
    tiles.addEventListener("change", event => {
      amount = event.target.value;
      direct();
    });
    offer();

    const quietly = (name, days) => preview || note({ [name]: inDays(days) });
    go.addEventListener("click", () => tell("continued"));
    later.addEventListener("click", () => quietly("closed", 7 * words.weeks));

    const { heading, text, more } = variants[key];
    const title = make("h2", { id: "heading", tabindex: -1 }, heading);
    const group = (legend, inside) => make("fieldset", {}, make("legend", {}, legend), inside);
    const ours = words.borrowed ? { lang: "en", dir: "ltr" } : {};
    const box = make("section", { "aria-labelledby": "heading", lang: words.language, dir: words.direction }, title);
    const leave = said => {
      if (host.className) return host.remove();
      const last = make("p", { role: "status", tabindex: -1 }, said);
      box.replaceChildren(last);
      last.focus();
    };
    const close = () => {
      quietly("closed", 7 * words.weeks);
      leave(say.closed);
    };
    const already = () => {
      quietly("supporter", 365);
      leave(say.thanks);
    };
    box.append(
      make("div", { class: "text" }, ...paragraphs(text),
        ...more.length ? [make("details", {}, make("summary", {}, say.more), ...paragraphs(more))] : []),
      make("div", { class: "ask", ...ours }, group(say.often, often), group(say.much, tiles)),
      make("div", { class: "ways", ...ours }, go, later, button("quiet", say.close, close), button("quiet", say.already, already)),
    );

    // A style sheet made by script is ours alone, and no content policy of the site's forbids it.
    const host = document.createElement("div"), shadow = host.attachShadow({ mode: "open" });
    host.dataset.smallFavor = data.theme || "";
    if (shadow.adoptedStyleSheets) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      shadow.adoptedStyleSheets = [sheet];
    } else shadow.append(make("style", {}, STYLE));
    shadow.append(box);

    // Nothing that is being read may move. Below the window's edge there is nothing to move; where the place
    // is in view once the page is loaded, a bar at the window's foot leads there, and a press of it opens the
    // appeal.
    let after = tag;
    if (document.head.contains(tag)) after = document.querySelector("article,main") || document.body.lastElementChild;
    const edge = () => {
      if (after !== tag) return after.getBoundingClientRect().bottom;
      for (let one = tag.previousElementSibling; one; one = one.previousElementSibling) {
        const seen = one.getBoundingClientRect();
        if (seen.height) return seen.bottom;
      }
      return tag.parentElement.getBoundingClientRect().top;
    };
    const settle = () => {
      removeEventListener("scroll", look);
      host.className = "";
      after.after(host);
    };
    const look = () => edge() >= innerHeight && (settle(), true);
    box.append(make("div", { class: "bar", ...ours },
      button("go", say.open, () => { settle(); title.focus(); }), button("quiet", say.close, close)));

    const loaded = () => {
      if (host.isConnected || look() || edge() < 0) return;
      host.className = "pinned";
      document.body.append(host);
    };
    if (plain) plain.replaceWith(host);
    else if (!look()) {
      addEventListener("scroll", look, { passive: true });
      if (document.readyState === "complete") loaded();
      else addEventListener("load", loaded);
    }
    new IntersectionObserver((seen, watch) => {
      if (!seen.some(one => one.isIntersecting)) return;
      watch.disconnect();
      tell("shown");
    }, { threshold: 0.3 }).observe(host);
  };

  const begin = () => {
    if (document.querySelector("[data-small-favor]")) return;
    const page = document.documentElement.lang.slice(0, 2).toLowerCase();
    const wanted = data.language || (/[?&]lang=/.test(tag.src) ? "" : page);
    if (wanted === WORDS.language || !WORDS.languages.includes(wanted)) start(WORDS);
    else fetch(base + "appeal/words.json?lang=" + wanted, { credentials: "omit", referrerPolicy: "no-referrer" })
      .then(answer => answer.json()).catch(() => WORDS).then(start);
  };
  if (document.head.contains(tag) && document.readyState === "loading") addEventListener("DOMContentLoaded", begin);
  else begin();
})();
