"""The words of an office for what an export and a template offer: heads, the words of pick lists, and how to fill them in.

An import by our own columns takes these heads as it takes the columns' own names, and the words as keys. Every one of them is
among the words that a guess knows.
"""

from __future__ import annotations

from collections.abc import Mapping

from complaint_sla.core.complaints import Status
from complaint_sla.core.titles import Title

HEADS: Mapping[str, Title] = {
    "number": Title("เลขที่เรื่องในระบบนี้", "Number here"),
    "office": Title("การไฟฟ้า", "Office"),
    "group": Title("กลุ่มลูกค้า", "Customer group"),
    "urgent": Title("สำคัญเร่งด่วน", "Important and urgent"),
    "channel": Title("ช่องทาง", "Channel"),
    "category": Title("ประเภทเรื่องร้องเรียน", "Complaint category"),
    "subject": Title("เรื่อง", "Subject"),
    "detail": Title("รายละเอียด", "Detail"),
    "status": Title("สถานะ", "Status"),
    "owner": Title("ผู้รับผิดชอบ", "Person responsible"),
    "received_at": Title("วันเวลาที่รับเรื่อง", "Received at"),
    "rule_book": Title("ฉบับหลักเกณฑ์", "Rule book"),
    "rule": Title("เกณฑ์ที่ใช้", "Rule"),
    "days": Title("จำนวนวันตามเกณฑ์", "Days allowed"),
    "due_on": Title("วันสุดท้ายตามกำหนด", "Last day in time"),
    "due_at": Title("เวลาที่เริ่มเกินกำหนด", "Late from"),
    "generation": Title("กำหนดครั้งที่", "Deadline no."),
    "closed_at": Title("วันเวลาที่ปิดเรื่อง", "Closed at"),
    "outcome": Title("ผลการดำเนินการ", "Outcome"),
    "on_time": Title("ทันกำหนด", "In time"),
    "external_id": Title("เลขที่คำร้อง", "External id"),
    "breached_at": Title("เกินกำหนดเมื่อ", "Breached at"),
    "acknowledged_at": Title("วันที่แจ้งรับเรื่อง", "Acknowledged"),
    "responded_at": Title("วันที่ตอบลูกค้า", "Responded"),
    "duplicate_of": Title("ซ้ำกับเรื่อง", "Duplicate of"),
    "customer": Title("ชื่อผู้ร้อง", "Customer name"),
    "phone": Title("โทรศัพท์", "Telephone"),
    "account": Title("หมายเลขผู้ใช้ไฟฟ้า", "Account number"),
    "email": Title("อีเมล", "E-mail"),
}
STATUS: Mapping[str, Title] = {
    Status.OPEN: Title("ยังไม่ปิด", "Open"),
    Status.CLOSED: Title("ปิดเรื่องแล้ว", "Closed"),
    Status.WITHDRAWN: Title("ยกเลิก", "Withdrawn"),
    Status.DUPLICATE: Title("เรื่องซ้ำ", "Duplicate"),
}
YES_NO: Mapping[bool, Title] = {True: Title("ใช่", "Yes"), False: Title("ไม่ใช่", "No")}

# The sheets of the workbook.
TABLE = Title("ข้อร้องเรียน", "Complaints")
GUIDE = Title("วิธีกรอก", "How to fill in")
LISTS = Title("รายการ", "Lists")
# What is said of a word that is none of a pick list.
CHOOSE = Title("โปรดเลือกคำจากรายการ", "Choose a word of the list.")

# The columns of a template in their order, and what is written into each.
HINTS: Mapping[str, Title] = {
    "received_at": Title("ต้องกรอก วันที่ หรือวันที่และเวลา", "Needed: a day, or a day with its time"),
    "group": Title("ต้องกรอก เลือกจากรายการ", "Needed: choose from the list"),
    "channel": Title("ต้องกรอก เลือกจากรายการ", "Needed: choose from the list"),
    "category": Title("ต้องกรอก เลือกจากรายการ", "Needed: choose from the list"),
    "subject": Title(
        "ต้องกรอก สั้น ๆ ไม่ใส่ชื่อหรือโทรศัพท์ของลูกค้า", "Needed: short, without the customer's name or telephone"
    ),
    "urgent": Title("ใช่ หรือ ไม่ใช่ เว้นว่างคือไม่ใช่", "Yes or No; empty means No"),
    "detail": Title("ข้อความใด ๆ", "Any text"),
    "customer": Title("ชื่อลูกค้า", "The customer's name"),
    "phone": Title("9 หรือ 10 หลัก ขึ้นต้นด้วย 0", "9 or 10 digits, from 0"),
    "account": Title("12 หลัก", "12 digits"),
    "email": Title("อีเมลของลูกค้า", "The customer's e-mail"),
    "office": Title(
        "รหัสสำนักงาน เว้นว่างคือสำนักงานของผู้นำเข้า", "Code of the office; empty means that of whoever imports"
    ),
    "external_id": Title("เลขที่ในระบบอื่น ไม่ใช่ลำดับ", "The other system's number; no running number"),
    "status": Title("เลือกจากรายการ เว้นว่างคือดูจากวันที่ปิด", "Choose from the list; empty: by the day of closing"),
    "closed_at": Title("วันที่ปิดเรื่อง เว้นว่างคือยังไม่ปิด", "The day of closing; empty means open"),
    "outcome": Title("ต้องกรอกเมื่อปิดเรื่อง", "Needed where it is closed"),
}
FIRST, SECOND = Title("ตัวอย่างที่ 1", "First example"), Title("ตัวอย่างที่ 2", "Second example")
COLUMN, WHAT = Title("คอลัมน์", "Column"), Title("กรอกอะไร", "What to write")
# What the two examples say, where it is no word of a list.
EXAMPLES: Mapping[str, tuple[Title | None, Title | None]] = {
    "subject": (Title("ไฟดับ หมู่ 3", "No power in village 3"), Title("ค่าไฟสูงผิดปกติ", "A bill that is too high")),
    "detail": (Title("ดับตั้งแต่เมื่อคืน", "Since last night"), None),
    "customer": (Title("ลูกค้าตัวอย่าง", "A customer"), None),
    "outcome": (Title("ต่อสายใหม่แล้ว", "The line was joined again"), None),
}


def names() -> Mapping[str, str]:
    """By head, in either language, the column."""
    return {title: column for column, both in HEADS.items() for title in (both.th, both.en)}
