"""Archives as offices send them, about invented people; written by `make_samples`."""

import io
import struct
import zipfile

from tests.registers import awkward_books, awkward_pages
from tests.registers.numbers import number

STAMP = (2020, 10, 8, 0, 0, 0)


class GbkName(zipfile.ZipInfo):
    """A member whose name is written as Windows in China does: in GBK, without saying so."""

    def _encodeFilenameFlags(self):
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def packed(members: dict[str, bytes], kind: type[zipfile.ZipInfo] = zipfile.ZipInfo) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            info = kind(name, STAMP)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return out.getvalue()


def persons(*people: tuple[str, str, int], committee: str = "唐山居委会") -> bytes:
    lines = ["户号,姓名,性别,公民身份号码,住址,所属居委"]
    for i, (name, birth, order) in enumerate(people, 1):
        lines.append(f"{i:04d},{name},{'女男'[order % 2]},{number(birth, order)},唐山路{i}号,{committee}")
    return ("\r\n".join(lines) + "\r\n").encode("gbk")


def mixed() -> bytes:
    """Names in GBK, folders, a list as CSV and one as a web page, a list of another register, a letter, files of the
    system; the same person in two members."""
    return packed(
        {
            "户籍/唐山居委会.csv": persons(("杜一", "19500101", 11), ("龚二", "19600202", 22)),
            "户籍/久耕居委会.csv": persons(("沈三", "19700303", 33), ("杜一", "19500101", 11), committee="久耕居委会"),
            "户籍/网页导出.xls": awkward_pages.police(),
            "说明.txt": "各位:附件为名单。".encode("gbk"),
            "汇总.csv": "居委,户数\n唐山,2\n".encode("gbk"),
            "Thumbs.db": b"\xd0\xcf\x11\xe0",
            "__MACOSX/._户籍": b"\0\0",
        },
        GbkName,
    )


def workbooks() -> bytes:
    """Names that say they are UTF-8; a workbook whose own sheets have names, the same name in two folders."""
    from tests.registers.make_samples import saved

    grid = saved(awkward_books.grid())
    return packed({"一网格/名单.xlsx": grid, "二网格/名单.xlsx": grid})


def electricity() -> bytes:
    """One file a month, as a power company exports: the month stands in the file's name or the title alone."""
    head = "户号,户名,用电地址,用电量\r\n"
    return packed(
        {
            "2020年8月用电.csv": (head + "0001,黄一,唐山路1号,10\r\n0002,范二,唐山路2号,20\r\n").encode("gbk"),
            "2020年9月用电.csv": (head + "0001,黄一,唐山路1号,11\r\n0002,范二,唐山路2号,-2\r\n").encode("gbk"),
            "十月.csv": ("2020年10月用电情况,,,\r\n" + head + "0001,黄一,唐山路1号,12\r\n").encode("gbk"),
        },
        GbkName,
    )


def one_cannot_be_trusted() -> bytes:
    """A good list beside one that was cut off: the delivery is refused, or nobody would miss the rest."""
    return packed({"a.csv": persons(("杜一", "19500101", 11)), "b.csv": persons(("龚二", "19600202", 22))[:-3]})


def nested() -> bytes:
    return packed({"a.csv": persons(("杜一", "19500101", 11)), "旧名单.zip": packed({"b.csv": b"x"})})


def locked() -> bytes:
    """The flag of a password is set; the content itself does not matter."""
    content = bytearray(packed({"名单.csv": persons(("杜一", "19500101", 11))}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.index(mark) + at
        content[place : place + 2] = struct.pack("<H", struct.unpack("<H", content[place : place + 2])[0] | 1)
    return bytes(content)


def damaged() -> bytes:
    """A member whose content does not fit its check sum."""
    content = bytearray(packed({"a.csv": persons(("杜一", "19500101", 11), ("龚二", "19600202", 22))}))
    at = content.index(b"PK\x01\x02") - 20
    content[at] ^= 0xFF
    return bytes(content)


def bomb() -> bytes:
    """A small file that unpacks to four megabytes of nothing."""
    return packed({"名单.csv": b"\0" * (4 << 20)})


def no_list() -> bytes:
    return packed({"说明.txt": "没有名单".encode("gbk"), "照片.png": b"\x89PNG\r\n"})


def cut_off() -> bytes:
    return mixed()[:-200]


FILES = {
    "police/mixed.zip": mixed,
    "grid/same_names.zip": workbooks,
    "electricity/month_by_month.zip": electricity,
    "police/one_cut_off.zip": one_cannot_be_trusted,
    "police/nested.zip": nested,
    "police/locked.zip": locked,
    "police/damaged.zip": damaged,
    "police/bomb.zip": bomb,
    "police/no_list.zip": no_list,
    "police/cut_off.zip": cut_off,
}
