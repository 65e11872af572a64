import { expect, test } from "vitest";
import { servePages } from "./pages.ts";
import { refOf, testBrowser } from "./testBrowser.ts";

const FORM = `<title>Order</title><form action=/sent method=post>
<label>Name <input name=name></label>
<label>Note <textarea name=note></textarea></label>
<label>Size <select name=size><option>small<option>large</select></label>
<label><input type=checkbox name=gift value=yes> Gift</label>
<label>Secret <input type=password name=secret></label>
<button>Send</button></form>`;

test("a form is read, filled and sent, and each step tells what changed", async () => {
  const pages = await servePages({ "/": FORM, "/sent": "<title>Thanks</title><h1>Thank you</h1>" });
  const { act } = testBrowser();

  const opened = await act({ action: "open", url: pages.url });
  expect(opened.tab).toEqual({ id: "t1", url: `${pages.url}/`, title: "Order", focused: true });
  const [name, note, size, gift, secret, send] = ["Name", "Note", "Size", "Gift", "Secret", "button"].map((word) =>
    refOf(opened, word === "Gift" ? "checkbox" : word),
  );

  const typed = await act({ action: "act", kind: "type", ref: name!, text: "Ada" });
  expect(typed.changes?.lines).toContainEqual(expect.stringMatching(/^\+.*textbox "Name".*: Ada$/));
  const filled = await act({
    action: "act",
    kind: "fill",
    fields: [
      { ref: note!, value: "two\nlines" },
      { ref: size!, value: "large" },
      { ref: gift!, value: true },
      { ref: secret!, value: "hunter2hunter2" },
    ],
  });
  expect(JSON.stringify(filled)).not.toContain("hunter2");
  expect(filled.changes?.lines?.join("\n")).toContain("[checked]");

  const sent = await act({ action: "act", kind: "click", ref: send! });
  expect(sent.changes).toMatchObject({ url: `${pages.url}/sent`, title: "Thanks" });
  expect(sent.snapshot?.text).toContain('heading "Thank you"');
  expect(pages.requests.at(-1)).toBe(
    "POST /sent name=Ada&note=two%0D%0Alines&size=large&gift=yes&secret=hunter2hunter2",
  );

  await expect(act({ action: "act", kind: "click", ref: send! })).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringMatching(/take a new snapshot/),
  });
  const back = await act({ action: "back" });
  expect(back.tab?.title).toBe("Order");
  expect((await act({ action: "forward" })).tab?.title).toBe("Thanks");
  await expect(act({ action: "forward" })).rejects.toMatchObject({ code: "conflict" });
});

test("a page that is busy as it is read has its title, then and afterwards", async () => {
  // Again and again, each time for longer than a title is waited for elsewhere.
  const busy = `<script>let left = 10; const work = setInterval(() => {
    for (const end = Date.now() + 800; Date.now() < end; );
    if (--left === 0) clearInterval(work);
  });</script>`;
  const pages = await servePages({
    "/": '<title>First</title><a href="/busy">Go on</a>',
    "/busy": `<title>Busy</title><h1>There</h1>${busy}`,
  });
  const { act } = testBrowser();
  const opened = await act({ action: "open", url: pages.url });
  const went = await act({ action: "act", kind: "click", ref: refOf(opened, "Go on") });
  expect(went.changes).toMatchObject({ url: `${pages.url}/busy`, title: "Busy" });
  expect(went.tab?.title).toBe("Busy");
});

test("a ref of an earlier page never acts on a later one", async () => {
  const pages = await servePages({
    "/": "<h1>One</h1><button>Keep</button>",
    "/two": "<h1>Two</h1><button onclick=\"fetch('/deleted')\">Delete</button>",
  });
  const { act } = testBrowser();
  const opened = await act({ action: "open", url: pages.url });
  // The page goes on by itself, and a snapshot is taken of where it went.
  await act({ action: "act", kind: "evaluate", script: "setTimeout(() => (location = '/two'), 200)" });
  await act({ action: "act", kind: "wait", url: "*/two" });
  await act({ action: "snapshot" });
  await expect(act({ action: "act", kind: "click", ref: refOf(opened, "Keep") })).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringMatching(/take a new snapshot$/),
  });
  expect(pages.requests).toEqual(["GET /", "GET /two"]);
});

test("frames and open shadow roots are part of the page", async () => {
  const pages = await servePages({
    "/": `<div id=host></div><iframe src=/inner></iframe>
      <script>host.attachShadow({mode:"open"}).innerHTML = "<button onclick=\\"this.textContent='Pressed'\\">Shadow</button>"</script>`,
    "/inner": "<button onclick=\"this.textContent='Done'\">Inside</button>",
  });
  const { act } = testBrowser();
  await act({ action: "open", url: pages.url });
  const seen = await act({ action: "snapshot" });
  const inside = refOf(seen, "Inside");
  expect(inside).toMatch(/^f\d+e\d+$/);
  const clicked = await act({ action: "act", kind: "click", ref: inside });
  expect(clicked.changes?.lines?.join("\n")).toContain('button "Done"');
  const shadow = await act({ action: "act", kind: "click", role: "button", name: "Shadow" });
  expect(shadow.changes?.lines?.join("\n")).toContain("Pressed");
});

test("a role and a name that fit several elements ask for a ref", async () => {
  const pages = await servePages({ "/": "<button>Go</button><button>Go</button>" });
  const { act } = testBrowser();
  await act({ action: "open", url: pages.url });
  await expect(act({ action: "act", kind: "click", role: "button", name: "Go" })).rejects.toMatchObject({
    code: "bad_request",
    message: '2 elements are a button named "Go": use a ref',
  });
});

test("a dialog holds the page until it is answered", async () => {
  const pages = await servePages({
    "/": `<button onclick="this.textContent = prompt('Your name?', 'nobody')">Ask</button>`,
  });
  const { act } = testBrowser();
  const opened = await act({ action: "open", url: pages.url });
  const asked = await act({ action: "act", kind: "click", ref: refOf(opened, "Ask") });
  expect(asked.dialog).toEqual({ type: "prompt", message: "Your name?", defaultText: "nobody" });
  await expect(act({ action: "snapshot" })).rejects.toMatchObject({ code: "conflict" });
  const answered = await act({ action: "dialog", accept: true, text: "Grace" });
  expect(answered.changes?.lines?.join("\n")).toContain('button "Grace"');
  await expect(act({ action: "dialog", accept: false })).rejects.toMatchObject({ code: "conflict" });
});

test("pages are pressed, hovered, dragged, selected and evaluated", async () => {
  const pages = await servePages({
    "/": `<button onmouseenter="say('hover')" ondblclick="say('double')">B</button>
      <div role=listitem aria-label=From draggable=true>drag me</div><div role=list aria-label=To ondragover="event.preventDefault()" ondrop="say('dropped')">to here</div>
      <select aria-label=Pick onchange="say(this.value)"><option>a<option>b</select><p id=log></p>
      <script>const say = (text) => log.textContent += text + ' '; addEventListener('keydown', (event) => say(event.key))</script>`,
  });
  const { act } = testBrowser();
  const opened = await act({ action: "open", url: pages.url });
  await act({ action: "act", kind: "hover", ref: refOf(opened, 'button "B"') });
  await act({ action: "act", kind: "click", doubleClick: true, ref: refOf(opened, 'button "B"') });
  await act({ action: "act", kind: "press", key: "x" });
  await act({ action: "act", kind: "drag", ref: refOf(opened, "From"), endRef: refOf(opened, "To") });
  await act({ action: "act", kind: "select", ref: refOf(opened, "Pick"), values: ["b"] });
  const read = await act({
    action: "act",
    kind: "evaluate",
    script: "() => document.getElementById('log').textContent",
  });
  expect(JSON.parse(read.value ?? "")).toBe("hover double x dropped b ");
  await expect(act({ action: "act", kind: "evaluate", script: "nope()" })).rejects.toMatchObject({
    code: "bad_request",
    message: expect.stringContaining("nope is not defined"),
  });
});

test("a script is an expression where it can be one, else statements, else the body of a function", async () => {
  const pages = await servePages({ "/": "<a href=/one>One</a><a href=/two>Two</a>" });
  const { act } = testBrowser();
  await act({ action: "open", url: pages.url });
  const scripts: [script: string, value: unknown][] = [
    ["(() => { return 1 })()", 1],
    ["(function () { return 2 })()", 2],
    ["function () { return 3 }()", 3],
    ["[...document.links].map((a) => { return a.pathname })", ["/one", "/two"]],
    ["const f = () => { return 5 }; f()", 5],
    ["const six = 6; return six // it is", 6],
    ["const answer = await fetch('/'); return answer.status", 200],
    ["await fetch('/').then(({ status }) => status) // now", 200],
    ["{ eight: 8 }", { eight: 8 }],
    ["() => 9", 9],
    ["async () => { return 10 }", 10],
    ["function named() { return 11 }", 11],
    ["const twelve = 12; twelve", 12],
    ["function thirteen() { return 13 }\nthirteen()", 13],
    ["async function named() { return 14 }\n14", 14],
  ];
  for (const [script, value] of scripts) {
    const said = (await act({ action: "act", kind: "evaluate", script })).value ?? "";
    expect({ script, value: JSON.parse(said) }).toEqual({ script, value });
  }
  const link = { action: "act", kind: "evaluate", role: "link", name: "Two" } as const;
  for (const script of ["element.pathname", "(a) => a.pathname", "const path = element.pathname; return path"])
    expect((await act({ ...link, script })).value, script).toBe('"/two"');
  await expect(act({ action: "act", kind: "evaluate", script: "1 +" })).rejects.toMatchObject({ code: "bad_request" });
});

test("tabs that a page opens are told of, and belong to the session", async () => {
  const pages = await servePages({
    "/": "<a href=/two target=_blank>Two</a>",
    "/two": "<title>Second</title>two",
  });
  const { act } = testBrowser();
  const opened = await act({ action: "open", url: pages.url });
  const clicked = await act({ action: "act", kind: "click", ref: refOf(opened, "link") });
  expect(clicked.changes?.openedTabs).toMatchObject([{ id: "t2" }]);
  await act({ action: "focus", targetId: "t2" });
  await act({ action: "act", kind: "wait", text: "two" });
  expect((await act({ action: "tabs" })).tabs).toMatchObject([
    { id: "t1", focused: false },
    { id: "t2", title: "Second", focused: true },
  ]);
  expect((await act({ action: "close" })).tabs).toMatchObject([{ id: "t1", focused: true }]);
  expect((await act({ action: "tabs" }, { sessionKey: "other" })).tabs).toEqual([]);
});
