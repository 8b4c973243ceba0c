"""What an upload needs, looked at before a byte is written: names, permission, storage elements, quota, space."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from atlasod_tui import config
from atlasod_tui.errors import LakeAwayError, LakeError, LoginError, UsageError
from atlasod_tui.lake import names
from atlasod_tui.lake.model import DID, DIDType
from atlasod_tui.lake.rucio.connection import Row
from atlasod_tui.lake.rucio.storage import refuse_settings

if TYPE_CHECKING:
    from atlasod_tui.lake.model import Quota, StorageElement
    from atlasod_tui.lake.rucio.lake import RucioLake
    from atlasod_tui.lake.rucio.writing import Known
    from atlasod_tui.lake.uploading.target import Target

_OTHERS = "`atlasod-tui rses` lists others."


class Place(msgspec.Struct, frozen=True):
    """Where an upload goes, by the names it has in the lake."""

    account: str
    dataset: DID
    prefix: str
    """What the names of the files begin with."""
    settings: dict[str, Row]
    """Of the storage elements."""

    def file(self, name: str) -> DID:
        """Return the DID of a file.

        Raises:
            UsageError: If its name cannot be one in the lake.
        """
        names.check_name(name, "file")
        names.check_name(self.prefix + name, "file")
        did = DID(self.dataset.scope, self.prefix + name)
        if did == self.dataset:
            raise UsageError(f"{did} cannot be a file and its dataset", "Choose another --dataset.")
        return did


def look(lake: RucioLake, target: Target, total: int | None) -> Place:
    """Return where an upload goes.

    Args:
        lake: The lake.
        target: What was asked for.
        total: Bytes to be written, None if they are not known yet.

    Raises:
        UsageError: If a name cannot be.
        LakeError: If the lake would not take it, or does not know a name.
        LoginError: If the lake refuses the login.
        LakeAwayError: If the lake does not answer.
    """
    lake.may_write()
    names.check_run_id(target.run_id)
    if not target.rses:
        raise UsageError("an upload needs a storage element", "`atlasod-tui rses` lists them.")
    if target.dataset:
        names.check_name(target.dataset, "dataset")
    if given := target.scope or config.load().upload_scope:
        names.check_scope(given)
    account = lake.account()
    scope = given or f"user.{account}"
    names.check_scope(scope)
    _refuse_scope(lake, scope, account)
    prefix = names.prefix(account, target.run_id)
    dataset = DID(scope, target.dataset or prefix + names.slug(target.title))
    if (known := lake.known(dataset)) is not None:
        refuse_dataset(known)
    settings = _elements(lake, target.rses, account, total)
    return Place(account, dataset, prefix, settings)


def refuse_dataset(known: Known) -> None:
    """Do nothing, unless files cannot be added to what there is under the name of a dataset.

    Raises:
        UsageError: If so.
    """
    if known.type is not DIDType.DATASET:
        raise UsageError(f"{known.did} is a {known.type.value}, and no dataset", "Choose another --dataset.")
    if not known.open:
        raise UsageError(f"the dataset {known.did} is closed: files cannot be added", "Choose another --dataset.")


def _refuse_scope(lake: RucioLake, scope: str, account: str) -> None:
    owners = {each.name: each.account for each in lake.scopes()}
    if scope not in owners:
        hint = "`atlasod-tui scopes` lists them; the operators of the lake make new ones."
        raise LakeError(f"the lake {lake.name} has no scope {scope}", hint)
    if owners[scope] not in {None, account}:
        raise LakeError(
            f"{account} may not write to the scope {scope}, which is {owners[scope]}'s",
            f"Leave --scope out for your own, user.{account}.",
        )


def _elements(lake: RucioLake, wanted: list[str], account: str, total: int | None) -> dict[str, Row]:
    """Return the settings of the storage elements; all that are in the way of an upload are named at once."""
    settings: dict[str, Row] = {}
    problems: list[LakeError] = []
    quotas = {quota.storage_element: quota for quota in lake.quotas()}
    unlimited: bool | None = None
    for name in wanted:
        try:
            element, settings[name] = lake.element(name)
            short = _short(quotas.get(name), name, account, total or 0)
            if element.writable and short is not None:
                unlimited = lake.is_admin(account) if unlimited is None else unlimited
            _refuse_element(element, None if unlimited else short, total or 0)
            refuse_settings(settings[name])
        except (LakeAwayError, LoginError):
            raise  # the lake itself, which would say the same of the next one
        except LakeError as error:
            problems.append(error)
    if problems:
        hints = dict.fromkeys(problem.hint for problem in problems if problem.hint)
        raise LakeError("; ".join(problem.message for problem in problems), " ".join(hints) or _OTHERS)
    return settings


def _refuse_element(element: StorageElement, short: LakeError | None, total: int) -> None:
    if not element.writable:
        raise LakeError(f"the storage element {element.name} is {element.why_not}")
    if short is not None:
        raise short
    if element.free is not None and element.free < total:
        raise LakeError(f"the storage element {element.name} has {element.free} bytes left, of {total} that are needed")


def _short(quota: Quota | None, name: str, account: str, total: int) -> LakeError | None:
    if quota is None:
        return LakeError(f"{account} has no quota on the storage element {name}")
    # Rucio itself wants more to be left than what is written (rucio.core.rse_selector).
    if quota.remaining is not None and quota.remaining <= total:
        return LakeError(
            f"the quota of {account} on the storage element {name} leaves {quota.remaining} bytes, "
            f"of {total} that are needed"
        )
    return None
