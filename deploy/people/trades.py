"""What Vietnamese companies do, and what they call themselves."""

# An industry, and how a company of it describes itself between its legal form and its own name.
INDUSTRIES = {
    "Bán buôn và bán lẻ": ("Thương mại", "Thương mại và Dịch vụ", "Xuất nhập khẩu", "Phân phối"),
    "Xây dựng": ("Xây dựng", "Đầu tư Xây dựng", "Xây dựng và Nội thất", "Tư vấn Thiết kế Xây dựng"),
    "Sản xuất": ("Sản xuất", "Sản xuất và Thương mại", "Bao bì", "Nhựa"),
    "Cơ khí và thiết bị": ("Cơ khí", "Thiết bị Công nghiệp", "Kỹ thuật Cơ điện", "Tự động hóa"),
    "Công nghệ thông tin": ("Công nghệ", "Giải pháp Phần mềm", "Công nghệ số", "Tin học"),
    "Vận tải và kho bãi": ("Vận tải", "Logistics", "Giao nhận Vận tải", "Kho vận"),
    "Thực phẩm và đồ uống": ("Thực phẩm", "Chế biến Thực phẩm", "Nước giải khát", "Cà phê"),
    "Dệt may và da giày": ("Dệt may", "May mặc", "Da giày"),
    "Y tế và dược phẩm": ("Dược phẩm", "Thiết bị Y tế", "Chăm sóc Sức khỏe"),
    "Giáo dục và đào tạo": ("Giáo dục", "Đào tạo", "Tư vấn Du học"),
    "Du lịch và khách sạn": ("Du lịch", "Khách sạn", "Lữ hành"),
    "Nông nghiệp và thủy sản": ("Nông sản", "Thủy sản", "Nông nghiệp công nghệ cao"),
    "Bất động sản": ("Bất động sản", "Đầu tư và Phát triển Đô thị", "Quản lý Tòa nhà"),
    "Tài chính và bảo hiểm": ("Tư vấn Tài chính", "Môi giới Bảo hiểm"),
    "Quảng cáo và truyền thông": ("Truyền thông", "Quảng cáo", "Tổ chức Sự kiện"),
    "Năng lượng và môi trường": ("Điện mặt trời", "Năng lượng", "Môi trường"),
}

LEGAL_FORMS = {"Công ty TNHH": 55, "Công ty Cổ phần": 30, "Công ty TNHH MTV": 15}

# A company's own name is one word of each.
FIRST_WORDS = (
    "An Anh Bảo Bình Cường Đại Đông Đức Gia Hải Hòa Hoàng Hồng Hưng Khánh Kim Long Minh Nam Ngọc Nhật Phú Phúc Phương "
    "Quang Sao Sơn Tâm Tân Thái Thành Thiên Thịnh Tiến Trung Trường Vạn Việt Vĩnh Xuân"
)
SECOND_WORDS = (
    "An Anh Bình Châu Đạt Đức Dương Gia Hà Hải Hưng Khang Khánh Lộc Lợi Long Minh Nam Nguyên Phát Phong Phú Phúc Quang "
    "Sơn Tâm Thành Thắng Thịnh Tiến Tín Toàn Việt Vinh Vượng"
)

MAILBOXES = {"lienhe": 5, "info": 5, "kinhdoanh": 3, "sales": 3, "cskh": 2, "vanphong": 1}
