"""The bytes of a TH1F, against records that ROOT 6.40 wrote."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest

from atlasod_tui.rootfile.histogram import Histogram1D, th1f

if TYPE_CHECKING:
    from numpy.typing import NDArray

# h = TH1F(name, "Mass of 4 leptons", 4, -1., 2.); axis titles; [Sumw2]; bin i of 0..5: content 0.1 + 1.7 i
# [and sum of squared weights 0.3 i + 0.01]; ResetStats(); SetEntries(17); Write() into a directory
ROOT_WITH_SUMW2 = (
    "c-nJdU}|Duc3@yiVBm0IV9;P-1VRYl;LOM@E{V@gEG`!G1riGRX$mF^IjIFD`FX`awHypgOi>{9KsFl#69WVDOCXDjff*!b-vBm)4JcB{zy"
    "&1bkxXV_tw^lMEau6LuQti4Rfu*^4T}XTQDI<VU|{?QR;XpY_&S#@e~hNh*F*gv!$541I8Zms{tpmi92oEe9F|vtEq5(T%_}KZ&{s&x%)@6n"
    "NDGqXaAWL05VSlOY`HLs<y9cd8A$Lg(G~(D;Dv)B)N;eLv=k7{5%{`QZby)Vo?2Quh;R0F=4=55h6590!0KQ$8ep?;se0(XPNdrYGSFQGi?"
    "7>12ATpi%Kj~wlC%FDqXBekjQtNVr3vzoAOkDZv5Z)ZWC9s$d*;kp`)6rs4hcY~ECbSa&YX4RoH+{sz7TIg"
)
ROOT_WITHOUT_SUMW2 = (
    "c-nJdVDe{Rc3@!AW#DjNU{GaX1VRYlV9UrXE{V?*^i3=-R>)6NFj2@!Ehx#)D+Vg$U|?d30x1Tv*%+7@7?@uISzHXvATj#}umNm9kxB+GASs"
    "VzECXvrVnt>#Pi}m*NlvXow0mk;EKrFG0}BHK<3F%ME$hYCxor7kG;O{f>IWGHVuQqix>@#rfEeSzfFIznyb^4=YguYuNwI>yLQ-ZPKFdK`k"
    "SvEAWB-Am<+)(Xg;6Z80$I*Lf^Uho5Eub391NkB8>XeDAk%tkY3U%^?CZ?g0t^fXCdPo(!Dwu*7i3_CTF!_?0TU>8ZO@!JYyT`Q%^?A(V;PX"
    "XbLOlg=ge6E%{)__"
)
BIN = np.arange(6, dtype=np.float64)
CONTENTS: NDArray[np.float64] = np.array(0.1 + 1.7 * BIN)
SQUARES: NDArray[np.float64] = np.array(0.3 * BIN + 0.01)


def make(
    nbins: int = 4,
    contents: NDArray[np.float64] = CONTENTS,
    sumw2: NDArray[np.float64] | None = None,
    name: str = "hist_n",
) -> Histogram1D:
    return Histogram1D(
        name, "Mass of 4 leptons", "m_{4l} [GeV]", "Events / bin", nbins, -1.0, 2.0, contents, sumw2, 17.0
    )


@pytest.mark.parametrize(
    ("histogram", "expected"),
    [
        (make(name="hist_mass", sumw2=SQUARES), ROOT_WITH_SUMW2),
        (make(), ROOT_WITHOUT_SUMW2),
    ],
    ids=["sumw2", "no sumw2"],
)
def test_record_equals_the_one_root_writes(histogram: Histogram1D, expected: str) -> None:
    assert th1f(histogram) == zlib.decompress(base64.b85decode(expected))


def test_contents_beyond_float32_become_infinite_without_a_warning() -> None:
    record = th1f(make(contents=np.full(6, 1e300)))
    assert struct.unpack(">6f", record[-24:]) == (np.inf,) * 6


def test_contents_are_rounded_once_and_left_alone() -> None:
    contents = np.full(6, 0.1)
    record = th1f(make(contents=contents, sumw2=contents))
    assert struct.unpack(">6f", record[-24:]) == (float(np.float32(0.1)),) * 6
    assert contents[0] == 0.1
    assert struct.pack(">i6d", 6, *contents) in record


@pytest.mark.parametrize("nbins", [0, 3, 5])
def test_a_wrong_number_of_bins_is_refused(nbins: int) -> None:
    with pytest.raises(ValueError, match="hist_n"):
        make(nbins=nbins)


def test_a_wrong_sumw2_is_refused() -> None:
    with pytest.raises(ValueError, match="6 numbers"):
        make(sumw2=np.zeros(4))


def test_edges_must_rise() -> None:
    with pytest.raises(ValueError, match=r"from 1\.0 to 1\.0"):
        Histogram1D("h", "", "", "", 1, 1.0, 1.0, np.zeros(3), None, 0.0)
