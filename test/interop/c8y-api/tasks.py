"""Drives a platform through c8y-api, and prints one line of JSON for each task."""

import json
import os

from c8y_api import CumulocityApi, HTTPBearerAuth
from c8y_api.model import (
    Alarm,
    AuditRecord,
    Device,
    DeviceGroup,
    Event,
    ManagedObject,
    Operation,
    TenantOption,
    User,
)

TASKS = {}


def task(function):
    TASKS[function.__name__.replace("_", "-")] = function
    return function


def credentials():
    return [os.environ[name] for name in ["C8Y_BASEURL", "C8Y_TENANT", "C8Y_USER", "C8Y_PASSWORD"]]


def new_device(c8y):
    device = Device(c8y, name="from c8y-api", type="c8y_Test", com_cumulocity_model_Agent={})
    return device.create()


@task
def sign_in_for_a_token(c8y):
    token, xsrf = CumulocityApi.authenticate(*credentials())
    assert token.count(".") == 2 and xsrf
    base_url, tenant, *_ = credentials()
    signed_in = CumulocityApi(base_url, tenant, auth=HTTPBearerAuth(token))
    assert signed_in.users.get_current().username == os.environ["C8Y_USER"]


@task
def current_user(c8y):
    user = c8y.users.get_current()
    assert user.username == os.environ["C8Y_USER"]


@task
def current_tenant(c8y):
    assert c8y.tenants.get_current().parent == "management"


@task
def users(c8y):
    names = [user.username for user in c8y.users.get_all()]
    assert os.environ["C8Y_USER"] in names


@task
def one_user(c8y):
    assert c8y.users.get("operator").username == "operator"


@task
def create_user(c8y):
    User(c8y, username="new", email="new@example.com").create()


@task
def disable_user(c8y):
    user = c8y.users.get("viewer")
    user.enabled = False
    user.update()
    assert c8y.users.get("viewer").enabled is False
    user.enabled = True
    user.update()


@task
def global_roles(c8y):
    c8y.global_roles.get_all()


@task
def inventory_roles(c8y):
    c8y.inventory_roles.get_all()


@task
def find_object(c8y):
    assert c8y.inventory.get("1001").name == "Factory gateway"


@task
def find_objects_by_type(c8y):
    assert len(c8y.inventory.get_all(type="c8y_RemoteAccessGateway")) == 2


@task
def find_objects_by_fragment(c8y):
    assert len(c8y.inventory.get_all(fragment="c8y_IsDevice")) >= 3


@task
def find_objects_by_name(c8y):
    assert [one.id for one in c8y.inventory.get_all(name="Factory gateway")] == ["1001"]


@task
def find_objects_by_query(c8y):
    found = c8y.inventory.get_all(query="$filter=(name eq 'Factory*' and has(c8y_IsDevice))")
    assert [one.id for one in found] == ["1001"]


@task
def count_objects(c8y):
    assert c8y.inventory.get_count(type="c8y_RemoteAccessGateway") == 2


@task
def page_through_objects(c8y):
    assert len(list(c8y.inventory.select(type="c8y_RemoteAccessGateway", page_size=1))) == 2


@task
def devices(c8y):
    assert len(c8y.device_inventory.get_all()) >= 3


@task
def create_change_and_delete_object(c8y):
    thing = ManagedObject(c8y, type="c8y_Test", name="thing", c8y_One={"value": 1}).create()
    thing.c8y_One.value = 2
    thing.update()
    again = c8y.inventory.get(thing.id)
    assert again.c8y_One.value == 2 and again.owner == os.environ["C8Y_USER"]
    thing.delete()
    try:
        c8y.inventory.get(thing.id)
    except KeyError:
        return
    raise AssertionError("the object is still there")


@task
def child_devices(c8y):
    parent, child = new_device(c8y), new_device(c8y)
    parent.add_child_device(child)
    assert [one.id for one in c8y.inventory.get(parent.id).child_devices] == [child.id]
    parent.unassign_child_device(child)


@task
def child_assets(c8y):
    root = DeviceGroup(c8y, root=True, name="plant").create()
    device = new_device(c8y)
    root.add_child_asset(device)
    assert [one.id for one in c8y.group_inventory.get(root.id).child_assets] == [device.id]


@task
def supported_measurements(c8y):
    c8y.inventory.get_supported_measurements("1001")


@task
def find_external_id(c8y):
    assert c8y.identity.get_id("gw-1", "c8y_Serial") == "1001"


@task
def external_ids(c8y):
    device = new_device(c8y)
    c8y.identity.create("from-python", "c8y_Serial", device.id)
    assert c8y.identity.get_object("from-python", "c8y_Serial").id == device.id
    assert len(c8y.identity.get_all(device.id)) == 1
    c8y.identity.delete("from-python", "c8y_Serial")


@task
def operations(c8y):
    operation = Operation(c8y, "1002", description="from c8y-api", c8y_Restart={}).create()
    assert operation.status == "PENDING"
    operation.status = "EXECUTING"
    operation.update()
    assert c8y.operations.get(operation.id).status == "EXECUTING"
    assert operation.id in [one.id for one in c8y.operations.get_all(device_id="1002", status="EXECUTING")]
    assert c8y.operations.get_last(device_id="1002").id == operation.id
    operation.status = "FAILED"
    operation.update()


@task
def delete_operations(c8y):
    c8y.operations.delete_by(device_id="1002")


@task
def audit_records(c8y):
    record = AuditRecord(
        c8y, type="Inventory", time="now", source="1001", activity="tested", text="from c8y-api", severity="INFORMATION"
    ).create()
    assert c8y.audit_records.get(record.id).activity == "tested"
    assert record.id in [one.id for one in c8y.audit_records.get_all(source="1001", type="Inventory")]


@task
def options(c8y):
    TenantOption(c8y, category="fromPython", key="a", value="1").create()
    assert c8y.tenant_options.get_value("fromPython", "a") == "1"
    c8y.tenant_options.set_value("fromPython", "a", "2")
    assert c8y.tenant_options.get_all_mapped("fromPython") == {"a": "2"}
    assert "a" in [one.key for one in c8y.tenant_options.get_all(category="fromPython")]
    c8y.tenant_options.update_by("fromPython", {"b": "3"})
    for key in ["a", "b"]:
        c8y.tenant_options.delete_by("fromPython", key)
    assert c8y.tenant_options.get_all_mapped("fromPython") == {}


@task
def applications(c8y):
    assert "cloud-remote-access" in [one.name for one in c8y.applications.get_all()]
    assert len(c8y.applications.get_all(name="cloud-remote-access")) == 1


@task
def alarms(c8y):
    Alarm(c8y, type="c8y_Test", time="now", source="1001", text="alarm", severity="MINOR", status="ACTIVE").create()
    assert len(c8y.alarms.get_all(source="1001", type="c8y_Test")) >= 1


@task
def events(c8y):
    Event(c8y, type="c8y_Test", time="now", source="1001", text="event").create()
    assert len(c8y.events.get_all(source="1001", type="c8y_Test")) >= 1


@task
def measurements(c8y):
    c8y.measurements.get_all(source="1001")


@task
def binaries(c8y):
    c8y.binaries.get_all()


@task
def microservice_subscriptions(c8y):
    base_url, _, _, password = credentials()
    user = "servicebootstrap_cloud-remote-access"
    bootstrap = CumulocityApi(base_url, "management", user, password)
    subscribed = list(bootstrap.applications.get_current_subscriptions())
    assert "t1001" in [one.tenant_id for one in subscribed]


def main():
    c8y = CumulocityApi(*credentials())
    for name, function in TASKS.items():
        try:
            function(c8y)
            outcome = "done"
        except Exception as error:
            outcome = f"{type(error).__name__}: {error}"
        print(json.dumps({"task": name, "outcome": outcome}), flush=True)


main()
