"""Drafts an answer to each support ticket, every one in a session of its own, three at a time."""

import sys
from concurrent.futures import ThreadPoolExecutor

from pincer_client import PincerClient, PincerError

TICKETS = [
    {"id": "T-101", "from": "Ada", "text": "I was charged twice for my subscription this month."},
    {"id": "T-102", "from": "Linus", "text": "The export button does nothing in the new version."},
    {"id": "T-103", "from": "Grace", "text": "How do I move my account to another e-mail address?"},
    {"id": "T-104", "from": "Ken", "text": "Please delete my account and everything you have about me."},
]

TASK = """Draft a short, friendly answer to this support ticket. Promise nothing that needs a decision by a person.

From: {from}
{text}"""


def draft(client, ticket):
    try:
        answer = client.spawn(TASK.format(**ticket), label=f"draft {ticket['id']}", runTimeoutSeconds=120)
        return ticket["id"], answer["reply"], answer["usage"]
    except PincerError as error:
        return ticket["id"], f"(no draft: {error})", None


def main():
    try:
        client = PincerClient()
    except PincerError as error:
        sys.exit(str(error))
    missing = 0
    with ThreadPoolExecutor(max_workers=3) as pool:
        for ticket_id, text, usage in pool.map(lambda ticket: draft(client, ticket), TICKETS):
            tokens = usage["inputTokens"] + usage["outputTokens"] if usage else 0
            missing += usage is None
            print(f"== {ticket_id} ({tokens} tokens)\n{text}\n")
    if missing:
        sys.exit(f"{missing} of {len(TICKETS)} tickets have no draft")


if __name__ == "__main__":
    main()
