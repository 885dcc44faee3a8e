"""The complaints of the sample that show something: escalated, reopened, reclassified, duplicate, written down late."""

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from complaint_sla.cli.sample.matters import ESTATE, HOME, KEY
from complaint_sla.cli.sample.steps import Does, Step
from complaint_sla.work.intake import Intake

# The two that nobody closes, one in each language of mail; and one that is open and not yet due.
FORGOTTEN = {"th": "forgotten-th", "en": "forgotten-en"}
PENDING = "pending"

_BANSANG, _SIMAHA, _PRACHIN = (
    "pakorn@bansang.example.org",
    "worawut@simaha.example.org",
    "nattapong@prachin.example.org",
)
_KABIN, _NAYOK = "kittisak@kabin.example.org", "ekkachai@nayok.example.org"
_PRACHANT, _CENTER = "tawan@prachant.example.org", "kamonchanok@main.example.org"

# Case, who acts, when (local), what, and what is said; a person, office, group or case after `→`.
_Told = tuple[str, Does, str]

_STORIES: tuple[tuple[str, str, str, Intake, tuple[_Told, ...]], ...] = (
    (
        FORGOTTEN["th"],
        _BANSANG,
        "2017-02-06 10:10",
        Intake(
            HOME,
            "walk-in",
            "network-extension",
            "ขอขยายเขตไฟฟ้า ม.9 ต.บางพลวง 6 ครัวเรือน ยื่นเรื่องตั้งแต่ปีก่อน",
            detail="ยื่นคำร้องตั้งแต่เดือนกันยายน 2559 สำรวจแล้วแต่ไม่ได้รับแจ้งผล ปัจจุบันพ่วงไฟจากญาติระยะ 400 เมตร",
            customer="สมหญิง ริมน้ำ",
            phone="0370000417",
            account="990000000417",
            office="BANSANG",
            owner=_BANSANG,
        ),
        (
            ("2017-02-06 10:25", Does.ACKNOWLEDGE, ""),
            ("2017-02-08 14:30", Does.ASSESS, "เรื่องเดิมอยู่ที่แผนกก่อสร้าง ขอแฟ้มสำรวจคืน"),
            ("2017-02-21 09:50", Does.INVESTIGATE, "แนวสายผ่านที่ดินเอกชน 1 แปลง ยังไม่ได้หนังสือยินยอม"),
            ("2017-03-07 11:15", Does.NOTE, "เจ้าของที่ดินอยู่ต่างจังหวัด นัดลงนามหลังสงกรานต์"),
            ("2017-03-27 15:40", Does.RESPOND, "โทร. แจ้งลูกค้าถึงปัญหาที่ดินและกำหนดนัดหมาย"),
        ),
    ),
    (
        FORGOTTEN["en"],
        _SIMAHA,
        "2017-03-30 14:20",
        Intake(
            ESTATE,
            "email",
            "frequent-outages",
            "Voltage dips stop the moulding line, 5 times in March (ไฟกระพริบ ต.ท่าตูม)",
            detail="Each dip stops the line for two hours. We ask for the cause, a plan and a date.",
            customer="บริษัท สมมติพลาสติก จำกัด",
            phone="0370000304",
            account="990000000304",
            email="plant@example.com",
            office="SIMAHA",
            owner=_SIMAHA,
        ),
        (
            ("2017-03-30 15:05", Does.ACKNOWLEDGE, ""),
            ("2017-04-03 10:30", Does.ASSESS, "ขอข้อมูลจากศูนย์สั่งการจ่ายไฟ เขต 1"),
            ("2017-04-10 13:10", Does.INVESTIGATE, "ค่าตั้งรีเลย์ต้นทางไม่ประสานกับสถานีของลูกค้า รอวันดับไฟปรับตั้ง"),
        ),
    ),
    (
        PENDING,
        _BANSANG,
        "2017-03-31 11:00",
        Intake(
            HOME,
            "line",
            "low-voltage",
            "ไฟตกช่วงหัวค่ำ ม.4 ต.บางเตย เครื่องปรับอากาศไม่ทำงาน",
            detail="เป็นทุกวันตั้งแต่เข้าหน้าร้อน บ้านข้างเคียงเป็นเหมือนกัน",
            customer="บุญมี ทุ่งกว้าง",
            phone="0100000331",
            account="990000000331",
            office="BANSANG",
            owner=_BANSANG,
        ),
        (
            ("2017-03-31 11:20", Does.ACKNOWLEDGE, ""),
            ("2017-04-11 10:15", Does.INVESTIGATE, "วัดแรงดันปลายสายได้ 201 โวลต์ เสนอแผนสับเปลี่ยนหม้อแปลง"),
        ),
    ),
    (
        "hospital",
        _CENTER,
        "2017-02-18 21:40",
        Intake(
            KEY,
            "contact-center",
            "outage",
            "ไฟดับทั้งอาคารผู้ป่วยใน ต.หน้าเมือง เครื่องสำรองเหลือ 4 ชั่วโมง",
            urgent=True,
            detail="เครื่องกำเนิดไฟฟ้าสำรองทำงานอยู่ มีผู้ป่วยวิกฤต 6 ราย",
            customer="โรงพยาบาลสมมติ",
            phone="0370000100",
            account="990000000100",
            office="PRACHIN",
        ),
        (
            ("2017-02-18 21:52", Does.ASSIGN, f"→ {_PRACHIN}"),
            ("2017-02-18 21:55", Does.ACKNOWLEDGE, ""),
            ("2017-02-18 23:20", Does.INVESTIGATE, "เคเบิลใต้ดินช่วงเข้าอาคารชำรุด จ่ายไฟจากวงจรสำรองแล้ว"),
            ("2017-02-18 23:30", Does.RESPOND, "แจ้งหัวหน้าเวรว่าจ่ายไฟคืนแล้ว จะซ่อมถาวรวันจันทร์"),
            ("2017-02-20 16:10", Does.CLOSE, "เปลี่ยนเคเบิลและทดสอบแล้ว โรงพยาบาลลงนามรับงาน"),
        ),
    ),
    (
        "live-line",
        _KABIN,
        "2017-03-14 09:15",
        Intake(
            HOME,
            "phone",
            "unsafe-lines",
            "กิ่งไม้พาดสายไฟ ม.2 ต.วังดาล",
            customer="ทองใบ นาสวน",
            phone="0370000214",
            office="KABIN",
            owner=_KABIN,
        ),
        (
            ("2017-03-14 10:00", Does.ACKNOWLEDGE, ""),
            ("2017-03-15 10:10", Does.INVESTIGATE, "สายแรงสูงเสียดสีกับต้นไม้ มีรอยไหม้ อยู่หน้าศูนย์เด็กเล็ก"),
            ("2017-03-15 10:30", Does.MAKE_URGENT, "ตรวจพบว่าเป็นสายแรงสูง เสี่ยงอันตรายต่อเด็ก"),
            ("2017-03-16 15:00", Does.CLOSE, "ดับไฟตัดต้นไม้และเปลี่ยนสายช่วงที่ไหม้แล้ว"),
        ),
    ),
    (
        "a-shop",
        _NAYOK,
        "2017-01-16 13:40",
        Intake(
            HOME,
            "walk-in",
            "abnormal-bill",
            "ค่าไฟสูงผิดปกติ ม.1 ต.สาริกา",
            customer="ชูชาติ เย็นใจ",
            phone="0370000116",
            account="990000000116",
            office="NAYOK",
            owner=_NAYOK,
        ),
        (
            ("2017-01-16 13:45", Does.ACKNOWLEDGE, ""),
            ("2017-01-30 09:20", Does.REGROUP, "ผู้ใช้ไฟเป็นกิจการรีสอร์ต ไม่ใช่บ้านอยู่อาศัย → industrial-commercial"),
            ("2017-02-02 11:05", Does.RESPOND, "ชี้แจงอัตราและผลทดสอบมิเตอร์ให้ลูกค้าทราบ"),
            ("2017-02-03 14:30", Does.CLOSE, "มิเตอร์ถูกต้อง ลูกค้าเข้าใจเรื่องอัตรา TOU และขอเปลี่ยนประเภท"),
        ),
    ),
    (
        "bill-again",
        _BANSANG,
        "2017-01-18 09:30",
        Intake(
            HOME,
            "walk-in",
            "meter-misread",
            "จดหน่วยผิด ม.3 ต.บางขาม เดือนธันวาคม 2559",
            customer="มณี พอเพียง",
            phone="0370000118",
            account="990000000118",
            office="BANSANG",
            owner=_BANSANG,
        ),
        (
            ("2017-01-18 09:35", Does.ACKNOWLEDGE, ""),
            ("2017-01-30 10:40", Does.CLOSE, "แก้ไขหน่วยและออกใบแจ้งใหม่แล้ว"),
            ("2017-02-02 13:20", Does.REOPEN, "ลูกค้าแจ้งว่าใบแจ้งใหม่ยังเป็นยอดเดิม"),
            ("2017-02-09 15:10", Does.CLOSE, "ปรับยอดในระบบแล้ว ลูกค้าตรวจสอบและยอมรับ"),
        ),
    ),
    (
        "weak-again",
        _KABIN,
        "2017-01-10 10:20",
        Intake(
            HOME,
            "damrongdhama",
            "low-voltage",
            "ไฟตกทั้งหมู่บ้าน ม.7 ต.ย่านรี",
            customer="สำราญ มั่งมี",
            phone="0370000110",
            office="KABIN",
            owner=_KABIN,
        ),
        (
            ("2017-01-11 09:00", Does.ACKNOWLEDGE, ""),
            ("2017-01-31 14:00", Does.CLOSE, "ปรับแท็ปหม้อแปลงแล้ว แรงดันปกติ"),
            ("2017-02-08 09:45", Does.REOPEN, "ผู้ใหญ่บ้านแจ้งว่าไฟยังตกช่วงหัวค่ำ"),
            ("2017-02-14 16:00", Does.CLOSE, "ติดตั้งหม้อแปลงเพิ่ม 1 เครื่อง วัดแรงดันช่วงหัวค่ำปกติ"),
        ),
    ),
    (
        "storm",
        _PRACHANT,
        "2017-03-10 08:50",
        Intake(
            HOME,
            "contact-center",
            "outage",
            "ไฟดับทั้งหมู่บ้านหลังพายุ ม.5 ต.บ้านหอย",
            customer="ไพโรจน์ บุญมาก",
            phone="0100000310",
            office="PRACHANT",
            owner=_PRACHANT,
        ),
        (
            ("2017-03-10 09:10", Does.ACKNOWLEDGE, ""),
            ("2017-03-10 17:30", Does.RESPOND, "แจ้งว่าเสาหัก 3 ต้น จะจ่ายไฟคืนภายในคืนนี้"),
            ("2017-03-13 10:00", Does.CLOSE, "ปักเสาใหม่และจ่ายไฟคืนครบทุกรายแล้ว"),
        ),
    ),
    (
        "storm-neighbour",
        _PRACHANT,
        "2017-03-10 09:25",
        Intake(
            HOME,
            "facebook",
            "outage",
            "ไฟดับตั้งแต่เมื่อคืน บ้านหอย ประจันตคาม",
            customer="วันเพ็ญ ฟ้าใส",
            office="PRACHANT",
            owner=_PRACHANT,
        ),
        (("2017-03-10 09:40", Does.DUPLICATE, "→ storm"),),
    ),
    (
        "storm-letter",
        _PRACHANT,
        "2017-03-15 10:30",
        Intake(
            HOME,
            "damrongdhama",
            "outage",
            "ราษฎรร้องเรียนไฟดับหลังพายุ ม.5 ต.บ้านหอย",
            customer="ไพโรจน์ บุญมาก",
            phone="0100000310",
            office="PRACHANT",
            owner=_PRACHANT,
        ),
        (("2017-03-15 13:15", Does.DUPLICATE, "→ storm"),),
    ),
    (
        "taken-back-late",
        _NAYOK,
        "2017-02-14 10:50",
        Intake(
            HOME,
            "phone",
            "other",
            "ขอย้ายเสาไฟฟ้าหน้าบ้าน ม.8 ต.พรหมณี",
            customer="อำนวย สุขใจ",
            phone="0370000514",
            office="NAYOK",
            owner=_NAYOK,
        ),
        (
            ("2017-02-14 11:30", Does.ACKNOWLEDGE, ""),
            ("2017-03-15 09:30", Does.WITHDRAW, "ลูกค้าเปลี่ยนใจ ไม่ย้ายเสาแล้ว"),
        ),
    ),
)


def steps(zone: ZoneInfo) -> Iterator[Step]:
    """All stories as steps, in no order. Moments are of `zone`."""

    def local(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=zone)

    for case, actor, received, intake, told in _STORIES:
        yield Step(local(received), actor, Does.LOG, case, intake=intake)
        for when, does, said in told:
            text, _, to = said.partition("→")
            yield Step(local(when), actor, does, case, text.strip(), to.strip())
    # Put right on 17 February, in time; written down only on the 22nd, when the deadline had passed.
    late = Intake(
        HOME,
        "walk-in",
        "meter-fault",
        "มิเตอร์ไม่หมุน ม.2 ต.หินตั้ง",
        customer="ลำดวน แสงดี",
        phone="0370000126",
        account="990000000126",
        office="NAYOK",
        owner=_NAYOK,
    )
    yield Step(local("2017-01-26 14:15"), _NAYOK, Does.LOG, "written-late", intake=late)
    yield Step(
        local("2017-02-22 09:10"),
        _NAYOK,
        Does.CLOSE,
        "written-late",
        "เปลี่ยนมิเตอร์แล้วเมื่อวันที่ 17 ก.พ. บันทึกย้อนหลังเนื่องจากระบบขัดข้อง",
        dated=local("2017-02-17 16:00"),
    )
    # Ban Sang's section head is away in the first half of March; the provincial office's stands in.
    yield Step(
        local("2017-02-28 16:20"),
        "surachai@bansang.example.org",
        Does.AWAY,
        "",
        "duangjai@bansang.example.org",
        "phonthip@prachin.example.org",
        until=date(2017, 3, 17),
    )
