"""A gateway whose tunnels are made by c8ydp, without a line of ours in the tunnel itself."""

import os
import sys
import threading
import time

import requests
from c8ydp.device_proxy import DeviceProxy

BASE_URL = os.environ["C8Y_BASEURL"]
USER = os.environ["DEVICE_USER"]
PASSWORD = os.environ["DEVICE_PASSWORD"]
DEVICE_ID = os.environ["DEVICE_ID"]

session = requests.Session()
session.auth = (USER, PASSWORD)


def report(operation, status, reason=None):
    body = {"status": status}
    if reason is not None:
        body["failureReason"] = reason
    session.put(f"{BASE_URL}/devicecontrol/operations/{operation['id']}", json=body).raise_for_status()


def serve(operation):
    connect = operation["c8y_RemoteAccessConnect"]
    report(operation, "EXECUTING")
    proxy = DeviceProxy(
        connect["hostname"],
        int(connect["port"]),
        None,
        connect["connectionKey"],
        BASE_URL,
        USER,
        PASSWORD,
        None,
        lambda *_: None,
    )
    try:
        proxy.connect()
        report(operation, "SUCCESSFUL")
    except Exception as error:
        report(operation, "FAILED", str(error))


def main():
    print("ready", flush=True)
    while True:
        answer = session.get(
            f"{BASE_URL}/devicecontrol/operations",
            params={"deviceId": DEVICE_ID, "status": "PENDING", "pageSize": 100},
        )
        threads = []
        for operation in answer.json()["operations"]:
            threads.append(threading.Thread(target=serve, args=(operation,), daemon=True))
            threads[-1].start()
        # Wait until each has been set to EXECUTING; otherwise it would be taken twice.
        for thread in threads:
            thread.join()
        time.sleep(0.1)


sys.exit(main())
