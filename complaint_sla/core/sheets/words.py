"""The words that offices use in their sheets, in both languages: what a head says, and what stands under it.

A word that could be two things is not here: it is asked about. Words are held against each other by their `form`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from complaint_sla.core.complaints import Status
from complaint_sla.core.fields import fold
from complaint_sla.core.rulebook import Shelf, Term

# Beside our own columns: a running number, which says nothing of a complaint; times of day of their own.
RUNNING, RECEIVED_TIME, CLOSED_TIME = "running", "received-time", "closed-time"
TIMES = {RECEIVED_TIME: "received_at", CLOSED_TIME: "closed_at"}
DATES = ("received_at", "closed_at", "acknowledged_at", "responded_at")
# Columns of which every word has to be known.
CHOSEN = ("group", "category", "channel", "status", "urgent", "office", "owner")
TERMS = ("group", "category", "channel")
YES, NO = "true", "false"

_APART = re.compile(r"[\s.,:;*\"'\\|_]+")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_GROUP = re.compile(r"^(?:กลุ่มที่|กลุ่ม|group)(\d+)[-–]?")

_HEADS: Mapping[str, str] = {
    "received_at": """received_at|received|received at|received on|receipt|date received|received date
        |date of receipt|day of receipt|receipt date|reported|reported on|date reported|วันที่รับเรื่อง
        |วันที่รับ|วันรับ|วันรับเรื่อง|วันที่รับแจ้ง|วันรับแจ้ง|วันที่แจ้ง|วันที่แจ้งเรื่อง
        |วันที่รับเรื่องร้องเรียน|วันที่รับข้อร้องเรียน|วันที่รับคำร้อง|วันที่รับคำร้องเรียน|วันที่ร้องเรียน
        |วันที่ได้รับเรื่อง|วันที่ได้รับเรื่องร้องเรียน|วันที่ได้รับ|วันที่ได้รับแจ้ง|วันที่รับหนังสือ
        |วันเวลาที่รับเรื่อง|วันเวลารับเรื่อง|วันที่และเวลารับเรื่อง|วันที่/เวลารับเรื่อง
        |วันที่/เวลาที่รับเรื่อง|วันเดือนปีที่รับเรื่อง|วัน/เดือน/ปีที่รับเรื่อง|วดปที่รับเรื่อง
        |วันที่เวลารับเรื่อง|รับเรื่องเมื่อ|วันที่เปิดเรื่อง|วันที่ลูกค้าแจ้ง|วันที่ลูกค้าร้องเรียน
        |วันที่ผู้ร้องแจ้ง""",
    "closed_at": """closed_at|closed|closed at|closed on|date closed|closed date|closing date|date of closing
        |day of closing|completed on|date completed|วันที่ปิด|วันปิด|วันที่ปิดเรื่อง|วันปิดเรื่อง
        |วันที่ปิดเรื่องร้องเรียน|วันที่ปิดข้อร้องเรียน|วันที่ปิดคำร้อง|วันที่ปิดคำร้องเรียน|วันที่ปิดงาน
        |วันปิดงาน|วันที่แล้วเสร็จ|วันแล้วเสร็จ|วันที่ดำเนินการแล้วเสร็จ|วันที่ดำเนินการเสร็จ
        |วันที่แก้ไขแล้วเสร็จ|วันที่เสร็จ|วันที่เสร็จสิ้น|วันที่ยุติเรื่อง|วันที่ยุติ|วันยุติเรื่อง
        |วันที่/เวลาปิดเรื่อง|วันเวลาที่ปิดเรื่อง|วันเวลาปิดเรื่อง|วันที่และเวลาปิดเรื่อง|ปิดเรื่องเมื่อ""",
    RECEIVED_TIME: """เวลา|เวลารับเรื่อง|เวลาที่รับเรื่อง|เวลารับ|เวลาที่รับ|เวลาแจ้ง|เวลาที่แจ้ง|เวลารับแจ้ง
        |time|time received|received time|time of receipt""",
    CLOSED_TIME: """เวลาปิด|เวลาปิดเรื่อง|เวลาที่ปิด|เวลาที่ปิดเรื่อง|เวลาแล้วเสร็จ|เวลาที่แล้วเสร็จ|time closed
        |closed time|closing time|time of closing""",
    "group": """group|customer group|customer type|กลุ่มลูกค้า|กลุ่ม|กลุ่มผู้ใช้ไฟ|กลุ่มผู้ใช้ไฟฟ้า
        |กลุ่มของลูกค้า|ประเภทลูกค้า|ประเภทผู้ใช้ไฟ|ประเภทผู้ใช้ไฟฟ้า|ประเภทผู้ร้อง|ประเภทผู้ร้องเรียน
        |ลูกค้ากลุ่ม|ลูกค้ากลุ่มที่""",
    "category": """category|complaint category|complaint type|type of complaint|kind of complaint|ประเภท
        |ประเภทเรื่อง|ประเภทเรื่องร้องเรียน|ประเภทข้อร้องเรียน|ประเภทการร้องเรียน|ประเภทคำร้อง|ประเภทคำร้องเรียน
        |ประเภทปัญหา|หมวด|หมวดหมู่|หมวดเรื่อง|หมวดหมู่เรื่อง|หมวดเรื่องร้องเรียน|หมวดข้อร้องเรียน|กลุ่มเรื่อง
        |กลุ่มเรื่องร้องเรียน|ชนิดข้อร้องเรียน|ลักษณะข้อร้องเรียน|ลักษณะเรื่องร้องเรียน""",
    "subject": """subject|title|complaint|topic|เรื่อง|หัวข้อ|หัวเรื่อง|ชื่อเรื่อง|เรื่องร้องเรียน
        |เรื่องที่ร้องเรียน|ข้อร้องเรียน|หัวข้อเรื่อง|หัวข้อร้องเรียน|หัวข้อเรื่องร้องเรียน|หัวข้อข้อร้องเรียน
        |ประเด็น|ประเด็นร้องเรียน|ประเด็นที่ร้องเรียน|ปัญหา|เรื่องที่แจ้ง|คำร้องเรียน""",
    "detail": """detail|details|description|remark|remarks|note|notes|comment|comments|รายละเอียด
        |รายละเอียดเรื่อง|รายละเอียดเรื่องร้องเรียน|รายละเอียดข้อร้องเรียน|รายละเอียดการร้องเรียน
        |รายละเอียดคำร้อง|รายละเอียดปัญหา|รายละเอียดที่แจ้ง|เนื้อหา|เนื้อเรื่อง|หมายเหตุ|อื่นๆ|บันทึก|ข้อสังเกต""",
    "status": """status|state|สถานะ|สถานะเรื่อง|สถานะเรื่องร้องเรียน|สถานะข้อร้องเรียน|สถานะการดำเนินการ
        |สถานะการดำเนินงาน|สถานะคำร้อง|สถานะงาน|สถานะปัจจุบัน|สถานภาพ""",
    "outcome": """outcome|result|resolution|solution|action taken|ผลการดำเนินการ|ผลการดำเนินงาน|ผล|ผลการแก้ไข
        |การแก้ไข|วิธีแก้ไข|วิธีการแก้ไข|การดำเนินการ|ผลการดำเนินการแก้ไข|การดำเนินการแก้ไข|ผลการพิจารณา
        |ผลการตรวจสอบ|ผลดำเนินการ|สรุปผล|สรุปผลการดำเนินการ|การแก้ไขปัญหา|ผลการปิดเรื่อง""",
    "channel": """channel|ช่องทาง|ช่องทางที่รับ|ช่องทางรับเรื่อง|ช่องทางที่รับเรื่อง|ช่องทางการรับเรื่อง
        |ช่องทางการแจ้ง|ช่องทางที่แจ้ง|ช่องทางแจ้ง|ช่องทางร้องเรียน|ช่องทางการร้องเรียน|ช่องทางที่ร้องเรียน
        |ช่องทางการติดต่อ|ช่องทางติดต่อ|ช่องทางการรับเรื่องร้องเรียน|รับเรื่องทาง|ช่องทางรับแจ้ง|แจ้งผ่าน""",
    "customer": """customer|customer name|customer's name|name|name of customer|complainant|ชื่อ|ชื่อผู้ร้อง
        |ชื่อผู้ร้องเรียน|ชื่อลูกค้า|ชื่อผู้แจ้ง|ชื่อผู้ใช้ไฟ|ชื่อผู้ใช้ไฟฟ้า|ชื่อสกุล|ชื่อ-สกุล|ชื่อ-นามสกุล
        |ชื่อนามสกุล|ชื่อและนามสกุล|ชื่อ-สกุลผู้ร้อง|ชื่อ-สกุลลูกค้า|ชื่อ-สกุลผู้ร้องเรียน|ชื่อ-นามสกุลผู้ร้อง
        |ชื่อ-นามสกุลลูกค้า|ชื่อ-นามสกุลผู้ร้องเรียน|ผู้ร้อง|ผู้ร้องเรียน|ผู้แจ้ง|ลูกค้า|ลูกค้าชื่อ|ผู้ใช้ไฟ
        |ผู้ใช้ไฟฟ้า""",
    "phone": """phone|telephone|tel|phone number|phone no|telephone number|mobile|โทรศัพท์|โทร|เบอร์โทร|เบอร์
        |เบอร์โทรศัพท์|หมายเลขโทรศัพท์|เลขโทรศัพท์|เบอร์ติดต่อ|เบอร์โทรติดต่อ|เบอร์โทรศัพท์ติดต่อ|โทรศัพท์ติดต่อ
        |เบอร์มือถือ|มือถือ|โทรศัพท์มือถือ|โทรศัพท์ลูกค้า|เบอร์โทรลูกค้า|ลูกค้าโทรศัพท์|โทรศัพท์ผู้ร้อง
        |เบอร์โทรผู้ร้อง""",
    "account": """account|ca|ca no|ca number|contract account|account number|หมายเลขผู้ใช้ไฟฟ้า|หมายเลขผู้ใช้ไฟ
        |เลขผู้ใช้ไฟฟ้า|เลขผู้ใช้ไฟ|รหัสผู้ใช้ไฟฟ้า|รหัสผู้ใช้ไฟ|เลขที่ผู้ใช้ไฟฟ้า|เลขที่ผู้ใช้ไฟ|หมายเลขca
        |เลขca|รหัสca|บัญชีแสดงสัญญา|เลขที่สัญญา|หมายเลขบัญชีแสดงสัญญา""",
    "email": "email|e-mail|customer's e-mail|mail|อีเมล|อีเมล์|อีเมลลูกค้า|อีเมลผู้ร้อง|ที่อยู่อีเมล",
    "urgent": """urgent|urgency|important and urgent|ด่วน|เร่งด่วน|เรื่องด่วน|ความเร่งด่วน|ความด่วน
        |สำคัญเร่งด่วน|เรื่องสำคัญเร่งด่วน|ระดับความเร่งด่วน|ชั้นความเร็ว""",
    "office": """office|office code|การไฟฟ้า|รหัสการไฟฟ้า|สำนักงาน|สำนักงานการไฟฟ้า|หน่วยงาน|ชื่อการไฟฟ้า|กฟฟ
        |กฟภ|การไฟฟ้าที่รับผิดชอบ|กฟฟที่รับผิดชอบ|หน่วยงานที่รับผิดชอบ|หน่วยงานรับผิดชอบ|สาขา|สังกัด""",
    "owner": """owner|person responsible|responsible|assigned to|ผู้รับผิดชอบ|เจ้าของเรื่อง|ผู้ดำเนินการ|ผู้ดูแล
        |เจ้าหน้าที่ผู้รับผิดชอบ|พนักงานผู้รับผิดชอบ|ผู้รับผิดชอบเรื่อง""",
    "external_id": """external_id|external id|id|ticket|ticket no|ticket number|case|case no|case id|case number
        |complaint no|complaint number|reference|reference no|เลขที่คำร้อง|เลขที่เรื่อง|เลขที่รับ|เลขรับ
        |เลขรับที่|เลขที่รับเรื่อง|เลขที่ข้อร้องเรียน|เลขที่เรื่องร้องเรียน|เลขคำร้อง|หมายเลขคำร้อง|รหัสคำร้อง
        |รหัสเรื่อง|รหัสข้อร้องเรียน|หมายเลขเรื่อง|หมายเลขข้อร้องเรียน|เลขที่voc|หมายเลขvoc|รหัสvoc|vocno
        |เลขอ้างอิง|รหัสอ้างอิง|เลขที่อ้างอิง|เลขทะเบียนรับ|เลขที่หนังสือ|ticketid|vocid""",
    "acknowledged_at": "acknowledged_at|acknowledged|วันที่ตอบรับ|วันที่แจ้งรับเรื่อง|วันที่ตอบรับเรื่อง",
    "responded_at": """responded_at|responded|answered|วันที่ตอบลูกค้า|วันที่ตอบกลับ|วันที่แจ้งผล
        |วันที่แจ้งผลลูกค้า|วันที่ตอบผู้ร้อง""",
    "duplicate_of": "duplicate_of|duplicate of|ซ้ำกับ|ซ้ำกับเรื่อง|ซ้ำกับเลขที่",
    RUNNING: "no|nr|#|item|running number|row|ลำดับ|ลำดับที่|ที่|ลำดับเลข|ข้อ|ข้อที่|รายการที่|ลำดับรายการ",
}
# Heads above others of which the lower alone says what it is.
_ABOVE = """ลูกค้า|ผู้ร้อง|ผู้ร้องเรียน|ผู้แจ้ง|ผู้ใช้ไฟ|ผู้ใช้ไฟฟ้า|ข้อมูลลูกค้า|ข้อมูลผู้ร้อง
    |ข้อมูลผู้ร้องเรียน|ข้อมูลผู้ใช้ไฟ|ข้อมูลผู้ใช้ไฟฟ้า|ข้อมูลผู้แจ้ง|ข้อร้องเรียน|เรื่องร้องเรียน
    |ข้อมูลข้อร้องเรียน|ข้อมูลเรื่องร้องเรียน|การรับเรื่อง|การดำเนินการ|การแก้ไข|รับเรื่อง|การรับแจ้ง|รับแจ้ง
    |ข้อมูลการรับเรื่อง|การรับเรื่องร้องเรียน|ข้อมูลการรับแจ้ง|ปิดเรื่อง|การปิดเรื่อง|ผลการดำเนินการ
    |รายละเอียดข้อร้องเรียน|รายละเอียดเรื่องร้องเรียน|customer|complainant|complaint|receipt|closing"""

_STATUS: Mapping[Status, str] = {
    Status.CLOSED: """closed|close|done|complete|completed|finished|resolved|ปิด|ปิดแล้ว|ปิดเรื่อง|ปิดเรื่องแล้ว
        |ปิดงาน|ปิดงานแล้ว|ปิดคำร้อง|ปิดคำร้องแล้ว|ปิดข้อร้องเรียน|ปิดข้อร้องเรียนแล้ว|ยุติ|ยุติแล้ว|ยุติเรื่อง
        |ยุติเรื่องแล้ว|เสร็จ|เสร็จแล้ว|เสร็จสิ้น|เสร็จสิ้นแล้ว|แล้วเสร็จ|เสร็จเรียบร้อย|เสร็จเรียบร้อยแล้ว
        |ดำเนินการเสร็จ|ดำเนินการเสร็จแล้ว|ดำเนินการแล้วเสร็จ|ดำเนินการเสร็จสิ้น|ดำเนินการเสร็จสิ้นแล้ว
        |ดำเนินการเสร็จเรียบร้อย|ดำเนินการเสร็จเรียบร้อยแล้ว|ดำเนินการเรียบร้อย|ดำเนินการเรียบร้อยแล้ว
        |แก้ไขเสร็จ|แก้ไขเสร็จแล้ว|แก้ไขแล้วเสร็จ|แก้ไขเสร็จสิ้น|แก้ไขเรียบร้อย|แก้ไขเรียบร้อยแล้ว|เรียบร้อย
        |เรียบร้อยแล้ว|จบ|จบแล้ว|จบเรื่อง""",
    Status.WITHDRAWN: """withdrawn|cancelled|canceled|cancel|ยกเลิก|ยกเลิกแล้ว|ยกเลิกเรื่อง|ยกเลิกคำร้อง
        |ยกเลิกข้อร้องเรียน|ลูกค้ายกเลิก|ลูกค้าขอยกเลิก|ผู้ร้องขอยกเลิก|ขอยกเลิก|ถอน|ถอนเรื่อง|ถอนคำร้อง
        |ขอถอนเรื่อง|ถอนข้อร้องเรียน|ลูกค้าถอนเรื่อง""",
    Status.OPEN: """open|new|pending|in progress|ongoing|waiting|not closed|รอ|รอดำเนินการ|รอการดำเนินการ
        |รอแก้ไข|รอตรวจสอบ|รออนุมัติ|รออุปกรณ์|อยู่ระหว่างดำเนินการ|ระหว่างดำเนินการ|อยู่ระหว่างการดำเนินการ
        |อยู่ในระหว่างดำเนินการ|กำลังดำเนินการ|อยู่ระหว่างตรวจสอบ|อยู่ระหว่างแก้ไข|อยู่ระหว่างการแก้ไข|ยังไม่ปิด
        |ยังไม่เสร็จ|ยังไม่แล้วเสร็จ|ไม่แล้วเสร็จ|ยังไม่ดำเนินการ|ยังไม่ได้ดำเนินการ|ค้าง|ค้างดำเนินการ|คงค้าง
        |เปิด|เปิดเรื่อง|รับเรื่อง|รับเรื่องแล้ว|ใหม่|เรื่องใหม่""",
    Status.DUPLICATE: "duplicate|ซ้ำ|เรื่องซ้ำ|ร้องเรียนซ้ำ",
}
_URGENT: Mapping[str, str] = {
    YES: """true|yes|y|1|urgent|very urgent|✓|✔|✅|ใช่|ด่วน|ด่วนมาก|ด่วนที่สุด|เร่งด่วน|เร่งด่วนมาก|สำคัญเร่งด่วน
        |เรื่องด่วน|สำคัญและเร่งด่วน|เรื่องสำคัญเร่งด่วน""",
    NO: "false|no|n|0|normal|not urgent|ไม่|ไม่ใช่|ไม่ด่วน|ไม่เร่งด่วน|ปกติ|ธรรมดา|ทั่วไป",
}
# Beside what the rule books say for them; a key that no book has is passed over.
_TERMS: Mapping[str, Mapping[str, str]] = {
    "group": {
        "spp-area": """spp|พื้นที่spp|ลูกค้าspp|เขตพื้นที่spp|ลูกค้าในพื้นที่spp|พื้นที่แข่งขันspp
            |ลูกค้าพื้นที่แข่งขัน""",
        "key-account": "รายสำคัญ|ลูกค้ารายสำคัญ|ลูกค้าสำคัญ|key account|key customer|key customers|ลูกค้าvip",
        "industrial-commercial": """อุตสาหกรรม|พาณิชย์|อุตสาหกรรมและพาณิชย์|อุตสาหกรรม/พาณิชย์
            |พาณิชย์และอุตสาหกรรม|ลูกค้าอุตสาหกรรม|ลูกค้าพาณิชย์|โรงงาน|โรงงานอุตสาหกรรม|พาณิชยกรรม|industrial
            |commercial|industry""",
        "residential": """บ้าน|บ้านพัก|บ้านพักอาศัย|บ้านอยู่อาศัย|ที่อยู่อาศัย|อยู่อาศัย|รายย่อย|ลูกค้ารายย่อย
            |ครัวเรือน|residential|household|house|home""",
    },
    "category": {
        "outage": "ไฟดับ|ไฟฟ้าดับ|กระแสไฟฟ้าดับ|ไม่มีไฟฟ้าใช้|ไม่มีไฟใช้|outage|power outage",
        "frequent-outages": "ไฟดับบ่อย|ไฟฟ้าดับบ่อย|ไฟดับบ่อยครั้ง|ไฟฟ้าดับบ่อยครั้ง|กระแสไฟฟ้าดับบ่อย",
        "low-voltage": """ไฟตก|ไฟฟ้าตก|แรงดันตก|แรงดันไฟตก|แรงดันไฟฟ้าตก|แรงดันต่ำ|แรงดันไฟต่ำ|แรงดันไฟฟ้าต่ำ
            |ไฟอ่อน|low voltage""",
        "unstable-voltage": """ไฟกระพริบ|ไฟกะพริบ|ไฟกระชาก|แรงดันไม่คงที่|แรงดันไฟไม่คงที่|แรงดันไฟฟ้าไม่คงที่
            |ไฟฟ้ากระพริบ|ไฟฟ้ากะพริบ""",
        "slow-repair": """แก้ไฟช้า|แก้ไฟฟ้าขัดข้องล่าช้า|แก้กระแสไฟฟ้าขัดข้องล่าช้า|แก้ไขไฟฟ้าขัดข้องล่าช้า
            |ซ่อมช้า""",
        "meter-fault": "มิเตอร์ชำรุด|มิเตอร์เสีย|มิเตอร์ผิดปกติ|มิเตอร์ไหม้|มิเตอร์พัง",
        "meter-misread": """จดหน่วยผิด|จดหน่วยผิดพลาด|จดมิเตอร์ผิด|จดเลขผิด|จดเลขหน่วยผิด|อ่านหน่วยผิด
            |อ่านมิเตอร์ผิด""",
        "abnormal-bill": """ค่าไฟผิดปกติ|ค่าไฟฟ้าผิดปกติ|ค่าไฟแพง|ค่าไฟฟ้าแพง|ค่าไฟสูง|ค่าไฟสูงผิดปกติ
            |ค่าไฟฟ้าสูง|ค่าไฟฟ้าสูงผิดปกติ|ค่าไฟสูงกว่าปกติ""",
        "bill-not-received": """ไม่ได้รับบิล|ไม่ได้รับบิลค่าไฟ|ไม่ได้รับใบแจ้งหนี้|ไม่ได้รับใบแจ้งค่าไฟ
            |ไม่ได้รับใบแจ้งค่าไฟฟ้า""",
        "disconnection": "ตัดไฟ|งดจ่ายไฟ|ถูกงดจ่ายไฟ|งดจ่ายไฟฟ้า|ถูกตัดไฟ|ต่อกลับ|ต่อกลับล่าช้า|ต่อกลับมิเตอร์",
        "connection-delay": """ขอใช้ไฟล่าช้า|ขอใช้ไฟฟ้าล่าช้า|ติดตั้งมิเตอร์ล่าช้า|ติดตั้งมิเตอร์ช้า
            |ขยายเวลาติดตั้งมิเตอร์""",
        "network-extension": "ขยายเขต|ขยายเขตไฟฟ้า|ขยายเขตระบบไฟฟ้า|ขอขยายเขต|ขอขยายเขตไฟฟ้า",
        "staff-conduct": """พฤติกรรมพนักงาน|พฤติกรรมของพนักงาน|พนักงานไม่สุภาพ|พนักงานพูดจาไม่สุภาพ
            |มารยาทพนักงาน""",
        "contractor-conduct": "พฤติกรรมผู้รับจ้าง|พฤติกรรมผู้รับเหมา|พฤติกรรมของผู้รับจ้าง",
        "slow-service": "บริการล่าช้า|การให้บริการล่าช้า|ให้บริการล่าช้า|บริการช้า",
        "unsafe-lines": """เสาเอียง|เสาล้ม|เสาไฟล้ม|เสาไฟฟ้าล้ม|เสาไฟเอียง|เสาไฟฟ้าเอียง|สายไฟขาด|สายขาด
            |สายไฟหย่อน|ต้นไม้พาดสาย|ต้นไม้พาดสายไฟ|ต้นไม้ใกล้แนวสาย""",
        "property-damage": "ทรัพย์สินเสียหาย|ทรัพย์สินลูกค้าเสียหาย|เครื่องใช้ไฟฟ้าเสียหาย|เครื่องใช้ไฟฟ้าเสีย",
        "other": "อื่นๆ|อื่น|เรื่องอื่นๆ|other|others",
    },
    "channel": {
        "walk-in": """เดินเข้า|เดินเข้ามา|มาเอง|มาด้วยตนเอง|มาติดต่อด้วยตนเอง|ติดต่อด้วยตนเอง|ติดต่อสำนักงาน
            |มาติดต่อสำนักงาน|มาที่สำนักงาน|ด้วยตนเอง|ร้องเรียนด้วยตนเอง|walk in|walkin|counter""",
        "contact-center": """1129|โทร1129|สายด่วน1129|pea1129|contact center|pea contact center|call center
            |callcenter|1129peacontactcenter|1129callcenter|คอลเซ็นเตอร์""",
        "phone": "โทร|โทรศัพท์|ทางโทรศัพท์|โทรแจ้ง|โทรศัพท์แจ้ง|phone|telephone|tel",
        "letter": "หนังสือ|จดหมาย|หนังสือร้องเรียน|หนังสือราชการ|จดหมายร้องเรียน|ไปรษณีย์|letter",
        "email": "e-mail|email|อีเมล|อีเมล์|เมล|จดหมายอิเล็กทรอนิกส์",
        "pea-voc": "voc|pea-voc|peavoc|ระบบvoc|ระบบpeavoc|ระบบpea-voc",
        "app": "แอป|แอพ|แอปพลิเคชัน|แอพพลิเคชัน|แอปพลิเคชั่น|แอพพลิเคชั่น|pea smart plus|smart plus|app",
        "line": "line|ไลน์|line oa|line@|line official|ทางไลน์",
        "facebook": "facebook|fb|เฟซบุ๊ก|เฟสบุ๊ค|เฟซบุ๊ค|เฟสบุ๊ก|เฟสบุค|เพจ|facebookpage|facebook page",
        "damrongdhama": "ดำรงธรรม|ศูนย์ดำรงธรรม|ศูนย์ดำรงธรรมจังหวัด|ศูนย์ดำรงธรรมอำเภอ|1567|ศูนย์ดำรงธรรม1567",
        "government-1111": "1111|สายด่วน1111|สายด่วนรัฐบาล|สายด่วนรัฐบาล1111|ศูนย์1111|gcc1111",
        "erc": "กกพ|สำนักงานกกพ|สกพ|erc|1204",
    },
}  # fmt: skip
# Short names of offices, spelled out.
_OFFICES = (
    ("กฟส", "การไฟฟ้าส่วนภูมิภาคสาขา"),
    ("กฟอ", "การไฟฟ้าส่วนภูมิภาคอำเภอ"),
    ("กฟจ", "การไฟฟ้าส่วนภูมิภาคจังหวัด"),
    ("กฟภ", "การไฟฟ้าส่วนภูมิภาค"),
)
# With these a row that sums up begins; longer ones first.
TOTALS = ("ยอดรวม", "รวม", "grand total", "total", "sum")
# What a spreadsheet writes where it could not reckon.
FAULTY = re.compile(r"#(?:n/a|ref!|value!|div/0!|name\?|null!|num!|spill!|calc!)", re.IGNORECASE)


def form(text: str) -> str:
    """What words are held against each other by: white space, marks between and capitals make no difference."""
    return _APART.sub("", fold(text))


def _words(text: str) -> list[str]:
    return [form(word) for word in text.split("|")]


MEANINGS: Mapping[str, str] = {word: name for name, words in _HEADS.items() for word in _words(words)}
_ALONE = frozenset(_words(_ABOVE))
# What the name of a part of a table begins with, beside what it is of.
_PART = re.compile("^(?:ข้อมูล|การ)+")
_TITLES = re.compile("^(?:กลุ่มที่|กลุ่ม|group)\\d+(?:ลูกค้า|customersin|customers)?")


def meaning(head: str) -> str | None:
    """Which of our columns a head means; what stands in brackets is looked at where it means none without."""
    for one in (_BRACKETS.sub("", fold(head)), head):
        upper, slash, lower = one.rpartition("/")
        forms = [form(one).replace("/", ""), form(one)]
        if slash:
            # The lower of two may be what the upper says of it, the other way round, or all there is to know.
            forms += [form(lower + upper), form(lower + _PART.sub("", upper.strip()))]
            forms += [form(lower)] if form(upper) in _ALONE else []
        for word in forms:
            if word in MEANINGS:
                return MEANINGS[word]
    return None


@dataclass(frozen=True)
class Known:
    """What is known here: the books, the offices by code with their names, the people by address with theirs."""

    shelf: Shelf
    offices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    people: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # That of who acts, or the only one.
    office: str | None = None

    def terms(self, kind: str) -> tuple[Term, ...]:
        """Those of all books, those of the latest first."""
        terms: dict[str, Term] = {}
        for book in reversed(self.shelf.books):
            terms |= {term.key: term for term in book.terms(kind) if term.key not in terms}
        return tuple(terms.values())

    def keys(self, name: str) -> dict[str, str]:
        """By the forms of words, the one key that each means in that column: what may mean two is not among them."""
        found: dict[str, set[str]] = {}
        for word, key in self._words(name):
            found.setdefault(form(word), set()).add(key)
        return {word: min(keys) for word, keys in found.items() if word and len(keys) == 1}

    def _words(self, name: str) -> Iterable[tuple[str, str]]:
        if name == "status":
            yield from ((word, status.value) for status, words in _STATUS.items() for word in _words(words))
        elif name == "urgent":
            yield from ((word, said) for said, words in _URGENT.items() for word in _words(words))
        elif name == "office":
            for code, names in self.offices.items():
                yield from ((word, code) for one in (code, *names) for word in _spelled(one))
        elif name == "owner":
            yield from ((word, email) for email, names in self.people.items() for word in (email, *names))
        else:
            yield from self._of_terms(name)

    def _of_terms(self, kind: str) -> Iterable[tuple[str, str]]:
        own = _TERMS.get(kind, {})
        for number, term in enumerate(self.terms(kind), 1):
            titles = (term.title.th, term.title.en)
            for word in (term.key, *titles, *term.also, *_words(own.get(term.key, ""))):
                yield word, term.key
            if kind == "group":
                for word in (f"{number}", f"กลุ่ม{number}", f"กลุ่มที่{number}", f"group{number}"):
                    yield word, term.key
                for title in map(form, titles):
                    yield _TITLES.sub("", title), term.key
                    yield _GROUP.sub("", title), term.key

    def word(self, name: str, keys: Mapping[str, str], text: str) -> str | None:
        """The key that a word of the sheet means in that column."""
        forms = _spelled(text) if name == "office" else [form(text)]
        return next((keys[one] for one in forms if one in keys), None)


def _spelled(office: str) -> list[str]:
    """The name of an office as it stands, and with its short beginning spelled out."""
    plain = form(office)
    return [
        plain,
        *(f"{long}{plain.removeprefix(short)}" for short, long in _OFFICES if plain.startswith(short)),
    ]
