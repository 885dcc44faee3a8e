"""What everybody says for the groups, channels and categories of the shipped book, by kind and key.

It holds for a term of which a book says nothing itself (`also`): books that were published before they could are understood
as those that ship. `rules/pea-2560.toml` says the same, for whoever copies it.
"""

from __future__ import annotations

from collections.abc import Mapping

EVERYDAY: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "group": {
        "spp-area": ("เขต SPP", "พื้นที่แข่งขัน"),
        "key-account": ("รายสำคัญ", "ลูกค้าสำคัญ", "VIP"),
        "industrial-commercial": (
            *("โรงงาน", "อุตสาหกรรม", "พาณิชย์", "บริษัท", "ห้างร้าน", "ร้านค้า"),
            *("factory", "shop", "business"),
        ),
        "residential": ("บ้าน", "บ้านอยู่อาศัย", "รายย่อย", "home", "house"),
    },
    "channel": {
        "walk-in": ("มาเอง", "มาด้วยตนเอง", "เคาน์เตอร์", "เดินเข้ามา", "counter"),
        "contact-center": ("1129", "คอลเซ็นเตอร์", "คอลเซนเตอร์", "call center"),
        "phone": ("โทร", "โทรศัพท์", "โทรเข้าสำนักงาน", "telephone"),
        "letter": ("จดหมาย", "หนังสือ", "หนังสือร้องเรียน", "post"),
        "email": ("เมล", "เมล์", "อีเมล์", "mail"),
        "pea-voc": ("VOC", "เว็บ", "เว็บไซต์", "website"),
        "app": ("แอป", "แอพ", "สมาร์ทพลัส", "Smart Plus"),
        "line": ("ไลน์โอเอ", "LINE OA"),
        "facebook": ("เฟส", "เฟสบุ๊ค", "เฟซ", "เพจ", "FB"),
        "damrongdhama": ("1567", "ดำรงธรรม", "ศูนย์ดำรงธรรม"),
        "government-1111": ("1111", "สายด่วนรัฐบาล", "ทำเนียบ"),
        "erc": ("1204", "กกพ", "กกพ.", "ERC"),
    },
    "category": {
        "outage": ("ไฟดับ", "ไม่มีไฟ", "ไฟไม่มา", "ไฟไม่ติด", "no power", "blackout"),
        "frequent-outages": ("ไฟดับบ่อย", "ดับบ่อย", "ไฟติดๆ ดับๆ", "power cuts"),
        "low-voltage": ("ไฟตก", "ไฟอ่อน", "แรงดันตก", "แรงดันไฟตก", "dim lights"),
        "unstable-voltage": (
            *("ไฟกระชาก", "ไฟกะพริบ", "ไฟกระพริบ", "ไฟเกิน", "ไฟไม่นิ่ง", "แรงดันไม่คงที่"),
            *("flicker", "surge"),
        ),
        "slow-repair": ("ซ่อมช้า", "แก้ไฟช้า", "แก้ไฟดับช้า", "ยังไม่มาแก้", "slow repair"),
        "meter-fault": ("มิเตอร์เสีย", "มิเตอร์พัง", "มิเตอร์ไหม้", "มิเตอร์หมุนเร็ว", "broken meter"),
        "meter-misread": ("จดมิเตอร์ผิด", "จดผิด", "จดหน่วยไม่ตรง", "wrong reading"),
        "abnormal-bill": ("ค่าไฟแพง", "ค่าไฟสูง", "ค่าไฟผิดปกติ", "บิลแพง", "high bill"),
        "bill-not-received": (
            *("ไม่ได้บิล", "ไม่ได้รับบิล", "ไม่มีบิล", "ไม่ได้ใบแจ้งหนี้"),
            "no bill",
        ),
        "disconnection": ("ตัดไฟ", "ถูกตัดไฟ", "งดจ่ายไฟ", "ต่อไฟ", "ต่อกลับ", "cut off", "reconnect"),
        "connection-delay": (
            *("ขอไฟ", "ขอใช้ไฟ", "ขอมิเตอร์", "ติดตั้งมิเตอร์ช้า", "ติดมิเตอร์ช้า"),
            *("new meter", "new connection"),
        ),
        "network-extension": ("ขยายเขต", "ปักเสา", "ขอเสาไฟ", "new line"),
        "staff-conduct": ("พนักงาน", "พนักงานไม่สุภาพ", "เจ้าหน้าที่พูดไม่ดี", "rude"),
        "contractor-conduct": ("ผู้รับเหมา", "ผู้รับจ้าง", "ช่างรับเหมา", "contractor"),
        "slow-service": ("บริการช้า", "รอนาน", "ให้บริการช้า", "long wait"),
        "digital-service": ("แอปใช้ไม่ได้", "แอพใช้ไม่ได้", "เว็บล่ม", "จ่ายออนไลน์ไม่ได้", "app problem"),
        "unsafe-lines": (
            *("เสาเอียง", "เสาล้ม", "เสาหัก", "สายขาด", "สายไฟขาด", "สายหย่อน", "ต้นไม้พาดสาย", "กิ่งไม้พาดสาย"),
            *("leaning pole", "fallen line"),
        ),
        "property-damage": ("ของเสียหาย", "เครื่องใช้ไฟฟ้าเสีย", "ตู้เย็นพัง", "ทีวีพัง", "damage"),
        "other": ("เรื่องอื่น", "else"),
    },
}
