"""The JSON of a plot: valid by the schema of uhi, and read back by hist and boost-histogram with the same numbers."""

from __future__ import annotations

import json
from typing import Any

import boost_histogram
import boost_histogram.serialization
import hist
import jsonschema  # type: ignore[import-untyped]
import numpy as np
import pytest
import uhi.io.json
import uhi.schema

from atlasod_tui.plots import uhi as ours
from atlasod_tui.plots.model import Layer, Overlay, Plot
from tests.plots.paper.making import MIDDLE, counted, fitted, stack

NAN = float("nan")


def validate(document: dict[str, Any]) -> None:
    """Refuse a document that the schema in the uhi package refuses."""
    schema = json.loads(uhi.schema.histogram_file.read_text(encoding="utf-8"))
    for histogram in document.values():
        jsonschema.Draft7Validator(schema).validate(histogram)


def through_json(plot: Plot) -> dict[str, Any]:
    text = json.dumps(ours.document(plot), allow_nan=False)
    validate(json.loads(text))
    return json.loads(text, object_hook=uhi.io.json.object_hook)  # type: ignore[no-any-return]


PLOTS = {
    "stack": stack(overlays=(Overlay("Z", "Z'", "rose", MIDDLE, MIDDLE, NAN),), banners=("no physics",)),
    "fit": fitted(),
    "NaN": counted([1.0, NAN, float("inf"), 4.0]),
    "one bin": counted([3.0]),
    "no bin": counted([]),
    "negative": counted([-3.0, 1.0]),
    "variable": counted([3.0, 1.0], edges=np.array([0.0, 1.0, 5.0])),
}


@pytest.mark.parametrize("what", PLOTS)
def test_documents_are_valid(what: str) -> None:
    through_json(PLOTS[what])


def test_the_schema_refuses_something() -> None:
    document = ours.document(stack())
    document["data"]["storage"]["type"] = "guess"
    with pytest.raises(jsonschema.ValidationError):
        validate(document)


@pytest.mark.parametrize("kind", [boost_histogram.Histogram, hist.Hist])
def test_numbers_are_read_back(kind: Any) -> None:
    plot = stack()
    document = through_json(plot)
    assert list(document) == ["data", "other", "ZZ", "Higgs", "prediction"]
    assert plot.data is not None
    assert plot.prediction is not None
    assert plot.uncertainty is not None
    expected = {layer.group: (layer.values, layer.variances) for layer in plot.layers}
    expected["prediction"] = (plot.prediction, plot.uncertainty**2)
    expected["data"] = (plot.data.values, (plot.data.below**2 + plot.data.above**2) / 2)
    for name, (values, variances) in expected.items():
        read = kind(boost_histogram.serialization.from_uhi(document[name]))
        np.testing.assert_array_equal(read.values(), values)
        np.testing.assert_allclose(read.variances(), variances, rtol=1e-15)
        np.testing.assert_allclose(read.axes[0].edges, plot.edges, rtol=1e-15)
        assert read.axes[0].label == plot.xtitle
        assert (read.name, read.analysis, read.luminosity_pb) == (plot.histogram, plot.analysis, 10064.0)


def test_bins_without_a_number_are_told() -> None:
    document = through_json(PLOTS["NaN"])
    for name in ("data", "one", "prediction"):
        assert document[name]["metadata"]["bins_without_number"] == "1, 2"
        assert document[name]["storage"]["values"].tolist() == [1, 0, 0, 4]
    assert "bins_without_number" not in ours.document(stack())["data"]["metadata"]


def test_what_is_not_physics_says_so() -> None:
    assert all(one["metadata"]["warning"] == "no physics" for one in through_json(PLOTS["stack"]).values())


def test_groups_named_like_data_hide_nothing() -> None:
    layer = Layer("data", "Data", "blue", MIDDLE, MIDDLE)
    document = ours.document(stack(layers=(layer,)))
    assert len(document) == 3
