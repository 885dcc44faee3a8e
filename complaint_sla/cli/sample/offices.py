"""The offices and people of the sample, and who its customers are. Names and addresses are invented.

Mail goes to example.org, which is kept for examples (RFC 2606). No telephone number of today begins with 01, no
subscriber's number after an area code with 0, and no contract account with 99.
"""

from datetime import date
from typing import NamedTuple

from complaint_sla.core.roster import Role

REGION = "MAIN"
# Beside weekends: public holidays of 2017 up to the end of April, with the days in lieu.
CLOSED = frozenset(
    date(2017, month, day)
    for month, day in ((1, 1), (1, 2), (1, 3), (2, 13), (4, 6), (4, 13), (4, 14), (4, 15), (4, 16), (4, 17))
)


class SampleOffice(NamedTuple):
    """An office below `parent`; `share` is how often complaints are about it, `places` where its customers live."""

    code: str
    name_th: str
    name_en: str
    parent: str | None
    share: int
    places: tuple[str, ...]


OFFICES = (
    SampleOffice(REGION, "การไฟฟ้าเขต 1 (ภาคกลาง)", "Central Region 1", None, 0, ()),
    SampleOffice(
        "PRACHIN",
        "การไฟฟ้าจังหวัดปราจีนบุรี",
        "Prachin Buri provincial office",
        REGION,
        26,
        ("ต.หน้าเมือง", "ต.รอบเมือง", "ต.วัดโบสถ์", "ต.บางเดชะ", "ต.ท่างาม", "ต.ดงขี้เหล็ก", "ต.ไม้เค็ด", "ต.เนินหอม"),
    ),
    SampleOffice(
        "KABIN",
        "การไฟฟ้าอำเภอกบินทร์บุรี",
        "Kabin Buri district office",
        "PRACHIN",
        18,
        ("ต.กบินทร์", "ต.เมืองเก่า", "ต.วังดาล", "ต.นนทรี", "ต.หนองกี่", "ต.บ้านนา", "ต.ย่านรี"),
    ),
    SampleOffice(
        "SIMAHA",
        "การไฟฟ้าอำเภอศรีมหาโพธิ",
        "Si Maha Phot district office",
        "PRACHIN",
        17,
        ("ต.ท่าตูม", "ต.ศรีมหาโพธิ", "ต.หนองโพรง", "ต.บ้านทาม", "ต.หัวหว้า", "ต.กรอกสมบูรณ์"),
    ),
    SampleOffice(
        "BANSANG",
        "การไฟฟ้าสาขาบ้านสร้าง",
        "Ban Sang branch office",
        "PRACHIN",
        9,
        ("ต.บ้านสร้าง", "ต.บางเตย", "ต.บางขาม", "ต.กระทุ่มแพ้ว", "ต.บางพลวง", "ต.บางยาง", "ต.บางกระเบา"),
    ),
    SampleOffice(
        "PRACHANT",
        "การไฟฟ้าสาขาประจันตคาม",
        "Prachantakham branch office",
        "PRACHIN",
        8,
        ("ต.ประจันตคาม", "ต.เกาะลอย", "ต.บ้านหอย", "ต.หนองแสง", "ต.คำโตนด", "ต.โพธิ์งาม"),
    ),
    SampleOffice(
        "NAYOK",
        "การไฟฟ้าจังหวัดนครนายก",
        "Nakhon Nayok provincial office",
        REGION,
        18,
        ("ต.นครนายก", "ต.ท่าช้าง", "ต.บ้านใหญ่", "ต.วังกระโจม", "ต.สาริกา", "ต.พรหมณี", "ต.หินตั้ง"),
    ),
)
BY_CODE = {office.code: office for office in OFFICES}


class Person(NamedTuple):
    """`language` is that of whoever looks at the demo where it is empty."""

    email: str
    name: str
    office: str
    role: Role
    language: str


def _person(local: str, name: str, office: str, role: Role, language: str = "th") -> Person:
    return Person(f"{local}@{office.lower()}.example.org", name, office, role, language)


# Prachantakham has no manager of its own: what is meant for one goes up to Prachin Buri.
STAFF = (
    _person("prasit", "ประสิทธิ์ ศรีสมบูรณ์", REGION, Role.MANAGER),
    _person("waraporn", "วราภรณ์ แสงทอง", REGION, Role.SUPERVISOR),
    _person("kamonchanok", "กมลชนก พูนผล", REGION, Role.AGENT),
    _person("thiraphong", "ธีรพงษ์ ดีเลิศ", REGION, Role.AGENT),
    _person("somsak", "สมศักดิ์ มั่นคง", "PRACHIN", Role.MANAGER, ""),
    _person("phonthip", "พรทิพย์ วงศ์สุข", "PRACHIN", Role.SUPERVISOR),
    _person("nattapong", "ณัฐพงศ์ บุญเรือง", "PRACHIN", Role.AGENT),
    _person("siriporn", "ศิริพร แก้วใส", "PRACHIN", Role.AGENT),
    _person("wichai", "วิชัย รุ่งเรือง", "KABIN", Role.MANAGER),
    _person("malee", "มาลี สุขสวัสดิ์", "KABIN", Role.SUPERVISOR),
    _person("kittisak", "กิตติศักดิ์ พรมมา", "KABIN", Role.AGENT),
    _person("orathai", "อรทัย จันทร์เพ็ญ", "KABIN", Role.AGENT),
    # The industrial estate writes English, and so does the office that serves it.
    _person("anucha", "Anucha Preecha", "SIMAHA", Role.MANAGER, "en"),
    _person("piyada", "Piyada Suksan", "SIMAHA", Role.SUPERVISOR, "en"),
    _person("worawut", "Worawut Klinhom", "SIMAHA", Role.AGENT, "en"),
    _person("jiraporn", "Jiraporn Dokmai", "SIMAHA", Role.AGENT, "en"),
    _person("surachai", "สุรชัย ใจกล้า", "BANSANG", Role.MANAGER),
    _person("duangjai", "ดวงใจ ผ่องใส", "BANSANG", Role.SUPERVISOR),
    _person("pakorn", "ปกรณ์ นาดี", "BANSANG", Role.AGENT),
    _person("supaporn", "สุภาพร งามตา", "PRACHANT", Role.SUPERVISOR),
    _person("tawan", "ตะวัน สีนวล", "PRACHANT", Role.AGENT),
    _person("narong", "ณรงค์ เพชรดี", "NAYOK", Role.MANAGER),
    _person("rattana", "รัตนา ทิพย์มณี", "NAYOK", Role.SUPERVISOR),
    _person("ekkachai", "เอกชัย สายบัว", "NAYOK", Role.AGENT),
)


def reading(language: str) -> frozenset[str]:
    """The addresses of those who get their mail in a language, when that is the language of the demo."""
    return frozenset(person.email for person in STAFF if person.language in ("", language))


def at_post(office: str, role: Role) -> tuple[str, ...]:
    """The addresses of those who hold a role at an office."""
    return tuple(person.email for person in STAFF if person.office == office and person.role is role)


FIRST_NAMES = (
    *("สมชาย", "สมหญิง", "วิไล", "ประเสริฐ", "บุญมี", "สุดา", "อำนวย", "จันทร์เพ็ญ", "ทองใบ", "ลำดวน"),
    *("สมพร", "ไพโรจน์", "นงลักษณ์", "บุญเลิศ", "มณี", "ชูชาติ", "วันเพ็ญ", "สายัณห์", "เพ็ญศรี", "สำราญ"),
)
LAST_NAMES = (
    *("ใจดี", "มีสุข", "ทองดี", "รักไทย", "บุญมาก", "แสนสุข", "สุขใจ", "พอเพียง", "มั่งมี", "ขยันดี"),
    *("เย็นใจ", "ตั้งใจ", "นาสวน", "บ้านนา", "ริมน้ำ", "ทุ่งกว้าง", "ฟ้าใส", "แสงดี"),
)
# By customer group; "สมมติ" and "ตัวอย่าง" say that they are made up.
FIRMS = {
    "industrial-commercial": (
        *("โรงสีข้าวสมมติพานิช", "ร้านค้าวัสดุตัวอย่าง", "โรงน้ำแข็งสมมติ", "ฟาร์มไก่ตัวอย่าง", "รีสอร์ตบ้านสมมติ"),
        *("ร้านอาหารครัวตัวอย่าง", "อู่รถยนต์สมมติบริการ", "หอพักตัวอย่าง", "โรงกลึงสมมติการช่าง", "ฟาร์มกุ้งตัวอย่าง"),
    ),
    "key-account": (
        *("โรงพยาบาลสมมติ", "ห้างสรรพสินค้าตัวอย่าง", "มหาวิทยาลัยสมมติ", "บริษัท สมมติอาหารสัตว์ จำกัด"),
        *("บริษัท ตัวอย่างกระดาษ จำกัด", "ศูนย์กระจายสินค้าสมมติ"),
    ),
    "spp-area": (
        *("บริษัท สมมติชิ้นส่วนยานยนต์ จำกัด", "บริษัท ตัวอย่างอิเล็กทรอนิกส์ จำกัด"),
        *("บริษัท สมมติพลาสติก จำกัด", "บริษัท ตัวอย่างเหล็กกล้า จำกัด"),
    ),
}
