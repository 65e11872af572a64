import { expect, test } from "vitest";
import { call } from "../../fakes/scriptedProvider.ts";
import { DISCORD_BOT, OTHER_ROLE, OWN_ROLE, startDiscordServer } from "../../fakes/discord/discordServer.ts";
import { ANNA, BORIS, inRoom, inThread, ME, openDiscordChat, ROOM, STRANGER, THREAD } from "./discordBench.ts";

test("a message is answered in its private chat, as a new message; what one person writes in a row is one", async () => {
  const called = (wanted: string) =>
    discord.untilSo(() => discord.calls.some(({ method, path }) => `${method} ${path}` === wanted));
  const answer = async () => {
    await called(`PUT /channels/${discord.dm(ANNA)}/messages/${last}/reactions/👀/@me`);
    await called(`POST /channels/${discord.dm(ANNA)}/typing`);
    return ["Four **times**, @everyone."];
  };
  const { bench, discord, state, listening } = await openDiscordChat({ turns: [answer] });
  await listening();
  discord.say(ANNA, "first");
  const last = discord.say(ANNA, "second");
  const sent = await discord.until(({ content }) => content.startsWith("Four"));
  expect(sent).toMatchObject({ channel: discord.dm(ANNA), content: "Four **times**, \\@everyone.", silent: false });
  expect(sent.body).toMatchObject({ allowed_mentions: { parse: [] }, flags: 4, enforce_nonce: true });
  const { messages } = await bench.core.sessions.history(`discord-${ANNA}`, { limit: 9, includeTools: false });
  expect(messages.map(({ role, text }) => `${role}: ${text}`)).toEqual([
    "user: first\nsecond",
    "assistant: Four **times**, @everyone.",
  ]);
  expect(messages[0]).toMatchObject({ origin: { via: "discord", id: ANNA } });
  expect((await bench.core.sessions.get(`discord-${ANNA}`)).title).toBe(`Person ${ANNA} (Discord)`);
  // What others say to each other is nothing that the bot asks for, unless its owner turned that on.
  expect(discord.gateway.identified).toMatchObject([{ intents: (1 << 0) | (1 << 9) | (1 << 12) }]);
  expect(await state()).toMatchObject({ state: "connected", account: "@pincer", error: null });
});

test("channels and threads have sessions of their own; there only who may talk is heard, and when spoken to", async () => {
  const { bench, discord, listening } = await openDiscordChat({ turns: [["one"], ["two"], ["three"]] });
  await listening();
  discord.say(ANNA, "not for the bot", { channel: ROOM });
  discord.say(STRANGER, `${ME} let me in`, inRoom);
  discord.say(ANNA, `${ME} hello`, inThread);
  expect(await discord.until(({ content }) => content === "one")).toMatchObject({ channel: THREAD });
  const key = `discord-${ROOM}-${THREAD}`;
  const { messages } = await bench.core.sessions.history(key, { limit: 9, includeTools: false });
  expect(messages[0]!.text).toBe(`Person ${ANNA}: hello`);
  const answer = { id: "1", content: "one", author: { ...DISCORD_BOT, bot: true } };
  // As an answer that calls it, too, which is how Discord answers by itself.
  discord.say(BORIS, "and this?", { ...inThread, replyTo: answer });
  await discord.until(({ content }) => content === "two");
  discord.say(BORIS, `${ME} here`, inRoom);
  expect(await discord.until(({ content }) => content === "three")).toMatchObject({ channel: ROOM });
  expect((await bench.core.sessions.get(`discord-${ROOM}`)).title).toBe("#general (Discord)");
  // Bots, webhooks and itself are nobody.
  discord.say(DISCORD_BOT.id, `${ME} x`, { ...inRoom, fromExtra: { bot: true } });
  discord.say(ANNA, `${ME} x`, { ...inRoom, fromExtra: { bot: true } });
  discord.say(ANNA, `${ME} x`, { ...inRoom, extra: { webhook_id: "12345" } });
  // Words for all come after what was told before: nothing of it was taken.
  discord.say(BORIS, "/help");
  await discord.until(({ content }) => content.includes("/approve"));
  expect(bench.model.requests).toHaveLength(3);
  expect(discord.sent.filter(({ silent }) => !silent)).toHaveLength(4);
});

test("words to stop, commands, and an edit of what is gathered still", async () => {
  const never = new Promise<void>(() => {});
  const { discord, bench, listening } = await openDiscordChat({ turns: [["half", { wait: never }], ["after"]] });
  await listening();
  discord.say(ANNA, "begin");
  await expect.poll(() => bench.model.requests.length).toBe(1);
  discord.say(ANNA, "Stop!");
  await discord.until(({ content }) => content === "half\n\nStopped.");
  discord.say(ANNA, "/status");
  await discord.until(({ content }) => content.includes("is idle"));
  discord.say(ANNA, "/model");
  await discord.until(({ content }) => content.includes("`test/m`"));
  discord.say(ANNA, "/new");
  await discord.until(({ content }) => content.startsWith("A new conversation"));
  const id = discord.say(ANNA, "wrod");
  const edited = { id, channel_id: discord.dm(ANNA), type: 0, author: { id: ANNA, username: "anna" } };
  discord.gateway.emit("MESSAGE_UPDATE", { ...edited, content: "word", edited_timestamp: "2026-01-01T00:00:00Z" });
  await discord.until(({ content }) => content === "after");
  // Of previews Discord tells as if they were edits, and of others it tells half.
  discord.gateway.emit("MESSAGE_UPDATE", { ...edited, content: "other", edited_timestamp: null });
  discord.gateway.emit("MESSAGE_UPDATE", { id, channel_id: discord.dm(ANNA) });
  const { sessions } = await bench.core.sessions.list({ kinds: ["channel"], limit: 9 });
  expect(sessions).toHaveLength(2);
  const asked = bench.model.requests[1]!.messages.map((one) => ("text" in one ? one.text : ""));
  expect(asked.at(-1)).toBe("word");
  expect(asked).not.toContain("begin");
});

test("files come with their message and with what it answers; long code goes out as one", async () => {
  const code = `\`\`\`ts\n${"let x = 1;\n".repeat(200)}\`\`\``;
  const { discord, bench, listening } = await openDiscordChat({ turns: [[`Here:\n\n${code}`]] });
  await listening();
  discord.files.set("n.txt", Buffer.from("größer"));
  const attachment = (name: string, url = `${discord.url}/files/${name}`) => ({
    ...{ id: "5", filename: name, size: 7, url, content_type: "text/plain; charset=utf-8" },
  });
  discord.say(ANNA, "look", {
    extra: { attachments: [attachment("n.txt"), attachment("gone.txt"), attachment("x.txt", "http://192.0.2.1/x")] },
    replyTo: { id: "1", content: "see", author: { id: BORIS, username: "boris" }, attachments: [attachment("n.txt")] },
  });
  const sent = await discord.until(({ file }) => file !== undefined);
  expect(sent.file!.name).toBe("code-1.ts");
  expect(sent.file!.data.toString()).toBe("let x = 1;\n".repeat(200).trimEnd());
  const { messages } = await bench.core.sessions.history(`discord-${ANNA}`, { limit: 9, includeTools: false });
  expect(messages[0]!.text).toMatch(
    /^> see\n\nlook\n\[The file gone\.txt could not be taken: .*404.*\]\n\[The file x\.txt .*strange address/,
  );
  expect(messages[0]).toMatchObject({
    attachments: [
      { name: "n.txt", data: "größer" },
      { name: "n.txt", data: "größer" },
    ],
  });
});

test("a file that no model can be shown costs neither the words nor the others; what is said of a file is not believed", async () => {
  const { discord, bench, listening } = await openDiscordChat({ turns: [["seen"]] });
  await listening();
  discord.files.set("bad.png", Buffer.from("<html>"));
  discord.files.set("big.bin", Buffer.alloc(20_000_001));
  discord.files.set("a.ts", Buffer.from("let größe = 1;"));
  const attachment = (name: string, type: string | null, filename = name) => ({
    ...{
      id: "5",
      filename,
      size: name === "a.ts" ? null : 5,
      url: `${discord.url}/files/${name}`,
      content_type: type,
    },
  });
  const attachments = [
    attachment("bad.png", "image/png"),
    attachment("big.bin", null),
    attachment("a.ts", "video/mp2t", "../../x/a\u202e\n.ts"),
    attachment("a.ts", null, ""),
  ];
  discord.say(ANNA, "look", { extra: { attachments } });
  await discord.until(({ content }) => content === "seen");
  const { messages } = await bench.core.sessions.history(`discord-${ANNA}`, { limit: 9, includeTools: false });
  expect(messages[0]!.text).toBe(
    [
      "look",
      '[The file bad.png could not be taken: The attachment "bad.png" (image/png) cannot be read as PNG, JPEG, GIF or WebP]',
      "[The file big.bin could not be taken: It has more than the 20 MB that are taken at most]",
    ].join("\n"),
  );
  const text = { mediaType: "text/plain", data: "let größe = 1;" };
  expect(messages[0]).toMatchObject({
    attachments: [
      { name: "a__.ts", ...text },
      { name: "file", ...text },
    ],
  });
});

test("a file whose address is over is fetched by another, or by what its message says now; one that is gone is said to be", async () => {
  const { discord, bench, listening } = await openDiscordChat({ turns: [["seen"], ["seen"]] });
  await listening();
  for (const name of ["a.txt", "b.txt"]) {
    discord.files.set(name, Buffer.from(name));
    discord.expired.add(name);
  }
  const attachment = (name: string, after = "") => ({
    ...{ id: "5", filename: name, size: 5, url: `${discord.url}/files/${name}${after}`, content_type: "text/plain" },
  });
  discord.say(ANNA, "first", { extra: { attachments: [attachment("a.txt"), attachment("gone.txt")] } });
  await discord.until(({ content }) => content === "seen");
  discord.fail({ method: "POST", path: /refresh-urls/, status: 404, message: "404: Not Found", times: 9 });
  const quoted = { author: { id: BORIS, username: "boris" }, content: "see", channel_id: discord.dm(ANNA) };
  const id = discord.say(ANNA, "look", { extra: { attachments: [attachment("b.txt", "?fresh")] }, isUnheard: true });
  discord.say(ANNA, "second", { replyTo: { ...quoted, id, attachments: [attachment("b.txt")] } });
  await discord.untilSo(() => discord.texts(discord.dm(ANNA)).length === 2);
  const { messages } = await bench.core.sessions.history(`discord-${ANNA}`, { limit: 9, includeTools: false });
  const [first, , second] = messages;
  expect(first!.text).toBe(
    "first\n[The file gone.txt could not be taken: Discord does not have it any more (404 for /files/gone.txt)]",
  );
  expect(first).toMatchObject({ attachments: [{ name: "a.txt", data: "a.txt" }] });
  expect(second).toMatchObject({ attachments: [{ name: "b.txt", data: "b.txt" }] });
  // What comes anew comes from Discord alone.
  expect(discord.calls.filter(({ path }) => path === "/attachments/refresh-urls")).toHaveLength(3);
});

test("what a run does is shown in a silent message that is gone before the answer comes", async () => {
  const go = Promise.withResolvers<void>();
  const { discord, listening } = await openDiscordChat({
    turns: [[call("add", { a: 2, b: 3 })], [{ wait: go.promise }, "5"]],
  });
  await listening();
  discord.say(ANNA, "2+3?");
  const draft = await discord.until(({ silent }) => silent);
  expect(draft.content).toBe('⏳\nadd {"a":2,"b":3}');
  go.resolve();
  const answer = await discord.until(({ content }) => content === "5");
  expect(draft.deleted).toBe(true);
  expect(BigInt(answer.id)).toBeGreaterThan(BigInt(draft.id));
});

test("a stranger is shown a code once, in private alone, and talks there once it was confirmed", async () => {
  const { discord, bench, listening } = await openDiscordChat({ turns: [["welcome"]] });
  await listening();
  discord.say(STRANGER, `${ME} hello`, inRoom);
  discord.say(STRANGER, "hello");
  discord.say(STRANGER, "hello?");
  const told = await discord.until(({ content }) => content.includes("confirm this code"));
  expect(told.channel).toBe(discord.dm(STRANGER));
  const [, code] = /\*\*(\w{4}-\w{4})\*\*/.exec(told.content)!;
  await bench.core.channels.pair("discord", { code: code!, by: "test" });
  discord.say(STRANGER, "and now");
  await discord.until(({ content }) => content === "welcome");
  expect(discord.texts(discord.dm(STRANGER))).toHaveLength(2);
  expect(discord.texts(ROOM)).toEqual([]);
});

test("the bot's own role calls it as its name does; what it is called by and not told is said", async () => {
  const discord = await startDiscordServer();
  discord.flags = 1 << 19;
  const { bench, listening } = await openDiscordChat({ turns: [["one"]], discord });
  await listening();
  const naming = (...roles: string[]) => ({ channel: ROOM, extra: { mention_roles: roles } });
  discord.say(ANNA, `<@&${OTHER_ROLE}> not for it`, naming(OTHER_ROLE));
  discord.say(ANNA, `<@&${OWN_ROLE}> hello <@&${OTHER_ROLE}>`, naming(OTHER_ROLE, OWN_ROLE));
  await discord.until(({ content }) => content === "one");
  const { messages } = await bench.core.sessions.history(`discord-${ROOM}`, { limit: 9, includeTools: false });
  expect(messages[0]!.text).toBe(`Person ${ANNA}: hello <@&${OTHER_ROLE}>`);
  discord.say(ANNA, "", naming(OTHER_ROLE));
  discord.say(STRANGER, "", naming(OWN_ROLE));
  discord.say(ANNA, "", naming(OWN_ROLE));
  await discord.until(({ content }) => content.startsWith("I was not told what that says"));
  discord.say(BORIS, "", { channel: ROOM, replyTo: { id: "1", content: "", author: { ...DISCORD_BOT, bot: true } } });
  await discord.untilSo(() => discord.texts(ROOM).length === 3);
  expect(discord.calls.filter(({ path }) => path.endsWith("/roles"))).toHaveLength(1);
  expect(bench.model.requests).toHaveLength(1);
  await discord.close();
});

test("an answer of which Markdown shows nothing comes as it is written", async () => {
  const { discord, listening } = await openDiscordChat({ turns: [["[1]: https://e.org"], ["```\n```"], ["\u200b"]] });
  await listening();
  for (const [at, content] of ["```\n[1]: https://e.org\n```", "", "(There was no answer.)"].entries()) {
    discord.say(ANNA, `question ${at}`);
    await discord.untilSo(() => discord.sent.filter(({ silent }) => !silent).length === at + 1);
    expect(discord.sent.filter(({ silent }) => !silent)[at]).toMatchObject({ content });
  }
  expect(discord.sent[1]!.file!.data.toString()).toBe("```\n```");
});
