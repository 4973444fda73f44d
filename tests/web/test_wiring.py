"""The logs of a real service: a change over HTTP ends in the log of the module's controller."""

from __future__ import annotations

from deploy.local.temporary import Mongo
from services.intake.app import REPORTING, build
from shared.contracts.envelope import Record
from shared.runtime.journal import LOG, to_change
from shared.runtime.service import Service
from tests.services.serving import serve
from tests.stack import REPORT


async def test_a_report_leaves_one_line_for_the_log_of_the_police(mongo: Mongo) -> None:
    async with serve(build, mongo) as intake:
        answer = await intake.post("/v1/reports", "office-holder", REPORT)
        assert answer.status_code == 201
        service: Service = intake.app.state.service
        cases = intake.cases(REPORTING)
        document = await cases.collection.find_one({"_id": answer.json()["case"]})
        assert document is not None and cases.journal is not None
        entries = [Record(**entry) for entry in document["outbox"] if entry["topic"] == LOG]
        await cases.journal.write([to_change(entry) for entry in entries])
        (line,) = await service.database.collection("log.police", "processing").find({}).to_list(10)
        assert (line["activity"], line["subject"], line["actor"]) == (
            "intake.reporting.act",
            document["_id"],
            "account-1",
        )
        assert REPORT["victim"]["name"] not in str(line)  # type: ignore[index]
        assert await intake.app.state.books.seal() == 1
