"""`strange_producer.py BOOTSTRAP TOPIC`: a good record with a header whose name is no UTF-8.

A script of its own: no client writes such a header but this one, and only in its slow form.
"""

import asyncio
import os
import sys

os.environ["AIOKAFKA_NO_EXTENSIONS"] = "1"

from aiokafka import AIOKafkaProducer


class Name(str):
    __slots__ = ()

    def encode(self, *_: object) -> bytes:
        return b"\xff\xfe"


async def main(bootstrap: str, topic: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    value = b'{"Gender": "Male", "Age": 35, "AnnualSalary": 20000}'
    headers = [("first", b"1"), (Name("x"), b"kept"), ("last", None)]
    sent = await producer.send_and_wait(topic, value, partition=0, headers=headers)
    await producer.stop()
    sys.stdout.write(str(sent.offset))


asyncio.run(main(*sys.argv[1:]))
