"""What the demo company's people write, ask and are told."""

SOURCES = {
    "Website": 24,
    "Facebook": 20,
    "Zalo OA": 17,
    "Google Ads": 14,
    "Hội chợ VIETBUILD": 10,
    "Giới thiệu": 9,
    "Triển lãm MTA": 6,
}
REGULAR = "Khách hàng cũ"
NEEDS = (
    "Muốn được gọi lại trong giờ hành chính",
    "Cần báo giá trong tuần",
    "Đang dùng máy cũ, hay dừng đột ngột",
    "Mở thêm xưởng, cần khảo sát tại chỗ",
    "Hỏi về hợp đồng bảo trì một năm",
)
DISQUALIFIED = (
    "Không có nhu cầu trong năm nay",
    "Đã mua của đơn vị khác",
    "Ngoài khu vực phục vụ",
    "Không liên lạc được sau nhiều lần gọi",
)
LOST = (
    "Giá cao hơn đối thủ",
    "Khách hoãn đầu tư sang năm sau",
    "Chọn hãng khác có hàng sẵn",
    "Không duyệt được ngân sách",
)
REJECTED = ("Khách chọn báo giá khác", "Khách dừng dự án")
CALLED = (
    "Khách xác nhận nhu cầu, hẹn gửi thông số kỹ thuật",
    "Trao đổi công suất và lưu lượng, khách cần tư vấn thêm",
    "Khách bận họp, hẹn gọi lại chiều mai",
    "Khách so sánh hai hãng, quan tâm thời gian bảo hành",
)
SURVEYED = (
    "Đã đo mặt bằng, đường ống dài 120 m, cần thêm bình tích áp",
    "Điện áp tại xưởng không ổn định, đề xuất biến tần",
    "Thống nhất vị trí đặt máy và lịch giao hàng",
)
NEXT_TASKS = (
    "Gọi lại xác nhận thông số kỹ thuật",
    "Gửi báo giá điều chỉnh",
    "Hẹn khảo sát tại xưởng",
    "Nhắc khách về báo giá sắp hết hạn",
    "Gửi hợp đồng mẫu cho khách",
)
METHODS = ("Chuyển khoản", "Chuyển khoản", "Chuyển khoản", "Tiền mặt")

# Type, priority, category, subject, what the customer wrote, what it came to.
CASES = (
    (
        *("problem", "high", "quality", "Máy nén khí dừng đột ngột giữa ca"),
        *("Máy báo nhiệt độ cao rồi tự ngắt, ngày hai lần.", "Vệ sinh két làm mát, thay van hằng nhiệt."),
    ),
    (
        *("warranty", "normal", "warranty_request", "Bảo hành máy sấy khí rò gas"),
        *("Máy mới dùng năm tháng, không còn lạnh.", "Hàn lại đường ống và nạp gas theo bảo hành."),
    ),
    (
        *("question", "low", "price", "Xin bảng giá bộ lọc và dầu"),
        *("Cho xin giá bộ lọc 4.000 giờ cho máy 37 kW.", "Đã gửi bảng giá và lịch thay."),
    ),
    (
        *("request", "normal", None, "Đặt lịch bảo trì quý này"),
        *("Đề nghị đến vào chiều thứ Bảy để không dừng máy.", "Đã bảo trì, biên bản có chữ ký hai bên."),
    ),
    (
        *("complaint", "urgent", "quality", "Máy phát không tự khởi động khi mất điện"),
        *("Tối qua mất điện hai giờ, máy không lên.", "Thay ắc quy và cài lại bộ chuyển nguồn."),
    ),
    (
        *("refund", "normal", "quantity", "Giao thừa một bộ lọc, xin trả lại"),
        *("Đơn đặt bốn bộ, nhận năm bộ.", "Đã nhận lại hàng và điều chỉnh hóa đơn."),
    ),
    (
        *("question", "normal", "discount_programme", "Chiết khấu khi mua từ ba máy"),
        *("Nếu đặt ba máy cùng lúc thì giảm bao nhiêu?", "Đã báo mức chiết khấu theo số lượng."),
    ),
)
ANSWER = "Chúng tôi đã nhận được yêu cầu và sẽ có kỹ thuật viên liên hệ trong ngày."
INSIDE = "Đã kiểm tra lịch kỹ thuật viên, sáng mai có người."
ASKED_BACK = "Nhờ anh chị gửi ảnh bảng điều khiển và số giờ chạy máy."
ARTICLES = (
    (
        "Máy nén khí báo nhiệt độ cao thì làm gì?",
        "1. Kiểm tra két làm mát.\n2. Kiểm tra mức dầu.\n3. Gọi kỹ thuật viên.",
    ),
    (
        "Bao lâu thay lọc và dầu một lần?",
        "Lọc gió 2.000 giờ, lọc dầu và dầu 4.000 giờ, hoặc một năm tùy điều kiện nào đến trước.",
    ),
    ("Máy phát dự phòng cần chạy thử thế nào?", "Mỗi tuần chạy không tải 10 phút, mỗi quý chạy có tải 30 phút."),
    ("Thời hạn bảo hành tính từ ngày nào?", "Từ ngày ký biên bản giao hàng; tem bảo hành phải còn nguyên."),
    ("Xe nâng điện sạc thế nào cho bền pin?", "Sạc đầy khi còn 20–30 %, không sạc ngắt quãng."),
)
DRAFTED = ("Quy trình đổi trả hàng giao thừa", "Lập biên bản, nhập kho, điều chỉnh hóa đơn.")
