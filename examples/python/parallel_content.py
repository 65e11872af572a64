"""Five pieces of content from five sessions that work side by side."""

import time
from concurrent.futures import ThreadPoolExecutor

from pincer_client import PincerClient

TOPIC = "a local gateway that lets scripts talk to a coding agent"
PIECES = ["a headline", "a two-sentence teaser", "three social posts", "an outline of an article", "five questions and answers"]


def main():
    client = PincerClient()
    started = time.monotonic()
    with ThreadPoolExecutor(max_workers=len(PIECES)) as pool:
        answers = list(pool.map(lambda piece: client.spawn(f"Write {piece} about {TOPIC}.", label=piece), PIECES))
    for piece, answer in zip(PIECES, answers):
        print(f"== {piece} ({answer['durationMs']} ms, session {answer['childSessionKey']})\n{answer['reply']}\n")
    print(f"{len(answers)} pieces in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()
