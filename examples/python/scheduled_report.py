"""A daily report as a job: added, listed, run once by hand, and removed again unless told to keep it."""

import sys

from pincer_client import PincerClient

JOB = {
    "name": "daily-report",
    "schedule": {"kind": "cron", "expr": "0 8 * * 1-5", "tz": "Europe/Berlin"},
    "payload": {"kind": "agentTurn", "message": "Report in five lines what changed in this workspace since yesterday."},
    "sessionTarget": "isolated",
}


def main():
    client = PincerClient()
    job = client.post("/api/cron/add", job=JOB)["job"]
    print(f"{job['name']} is due at {job['nextRunAt']}")
    try:
        for other in client.get("/api/cron/list")["jobs"]:
            print(f"- {other['name']}: {other['schedule']}")
        fired = client.post("/api/cron/run", id=job["id"])
        run = client.get("/api/runs/wait", runId=fired["runId"], timeoutSeconds=120)["run"]
        print(f"== the report\n{run['outcome'].get('reply', run['outcome'])}")
    finally:
        if "--keep" not in sys.argv:
            client.post("/api/cron/remove", id=job["id"])
            print(f"{job['name']} is removed; with --keep it stays")


if __name__ == "__main__":
    main()
