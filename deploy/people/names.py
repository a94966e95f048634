"""Vietnamese names and how often they are met."""

# Per cent of the population, after Lê Trung Hoa, "Họ và tên người Việt Nam" (2005); the tail is rounded.
# Hoàng and Huỳnh, Vũ and Võ are one name each, spelled by the north and by the south.
SURNAMES = {
    "Nguyễn": 38.4,
    "Trần": 11.0,
    "Lê": 9.5,
    "Phạm": 7.1,
    "Hoàng": 5.1,
    "Phan": 4.5,
    "Vũ": 3.9,
    "Đặng": 2.1,
    "Bùi": 2.0,
    "Đỗ": 1.4,
    "Hồ": 1.3,
    "Ngô": 1.3,
    "Trương": 1.2,
    "Dương": 1.0,
    "Đinh": 0.9,
    "Đoàn": 0.8,
    "Trịnh": 0.7,
    "Đào": 0.6,
    "Hà": 0.6,
    "Lâm": 0.6,
    "Lương": 0.6,
    "Mai": 0.6,
    "Cao": 0.5,
    "Lý": 0.5,
    "Lưu": 0.4,
    "Chu": 0.3,
    "Phùng": 0.3,
    "Tạ": 0.3,
    "Thái": 0.3,
    "Châu": 0.2,
    "Tô": 0.2,
    "Vương": 0.2,
    "Đàm": 0.1,
    "Hứa": 0.1,
    "Kiều": 0.1,
    "La": 0.1,
    "Lò": 0.1,
    "Nghiêm": 0.1,
    "Nông": 0.1,
    "Quách": 0.1,
    "Tăng": 0.1,
    "Thạch": 0.1,
    "Tống": 0.1,
    "Triệu": 0.1,
    "Từ": 0.1,
    "Vi": 0.1,
}
SOUTHERN_SPELLING = {"Hoàng": "Huỳnh", "Vũ": "Võ"}

# From here on: a weight, and the names that share it.
MALE_MIDDLE_NAMES = {
    15: "Văn",
    7: "Minh",
    6: "Đức Quốc",
    5: "Hoàng Hữu Thanh",
    4: "Công Đình Ngọc Quang Xuân",
    3: "Anh Duy Gia Thành Thế Tiến Trọng Tuấn",
    2: "Bá Bảo Chí Hải Hồng Huy Khánh Mạnh Nhật Phúc Phước Tấn Trung Việt",
    1: "Kim Nguyên Sỹ Thái Thiện Trí Vĩnh Viết",
}
MALE_GIVEN_NAMES = {
    5: "Hùng Tuấn",
    4: "Anh Cường Dũng Đức Hải Hiếu Hưng Huy Minh Nam Thành Trung",
    3: "Bảo Đạt Duy Hoàng Kiên Long Phong Phúc Quân Sơn Thắng Tiến Tùng",
    2: "An Bình Dương Hậu Hiệp Hòa Khải Khang Khánh Khoa Khôi Kiệt Lâm Lộc Lợi Mạnh Nghĩa Nguyên Nhân Quang Tài Tâm "
    "Tân Thái Thiện Thịnh Toàn Trí Trường Tú Việt Vinh Vũ",
    1: "Bách Bằng Chiến Chung Công Đăng Đông Giang Hà Hiển Huân Linh Luân Lực Nhật Phi Phương Phước Quốc Quý Sang Sinh "
    "Thạch Thông Thuận Tín Tính Triết Tuyên Vĩ Vương",
}
FEMALE_MIDDLE_NAMES = {
    6: "Ngọc",
    5: "Phương Thanh Thu",
    4: "Hồng Kim Minh Mỹ Thùy",
    3: "Bảo Bích Khánh Như Quỳnh",
    2: "Anh Cẩm Diệu Gia Hà Hải Hoài Lan Mai Trúc Tuyết Xuân",
    1: "Ánh Huyền Nhã Thảo Thục Tú Tường Vân Yến",
}
FEMALE_GIVEN_NAMES = {
    5: "Anh Hương Linh Phương Thảo Trang",
    4: "Hà Hằng Hiền Huyền Lan Mai Ngọc Thủy Vân",
    3: "Chi Dung Duyên Hạnh Hoa Nga Ngân Nhi Nhung Quỳnh Thu Thúy Vy Yến",
    2: "Ánh Châu Giang Hân Hồng Huệ Hường Liên Loan Ly My Như Oanh Phượng Quyên Tâm Thanh Thư Thương Tiên Trâm Trinh "
    "Tuyết Uyên Xuân",
    1: "An Bích Cúc Đào Diễm Điệp Hậu Hòa Hoài Khánh Kiều Lệ Luyến Minh Mỹ Nguyệt Nhàn Sương Thắm Thi Thoa Thơ Thùy "
    "Trà Trúc Tú Xuyến",
}

JOB_TITLES = {
    10: "Nhân viên kinh doanh, Chủ cửa hàng, Kế toán",
    6: "Giám đốc, Phó giám đốc, Trưởng phòng kinh doanh, Trưởng phòng mua hàng, Kế toán trưởng",
    4: "Kỹ sư, Trưởng phòng hành chính, Trưởng phòng nhân sự, Quản lý cửa hàng, Trợ lý giám đốc",
    2: "Chủ tịch Hội đồng quản trị, Giáo viên, Bác sĩ, Trưởng phòng marketing, Giám đốc tài chính, "
    "Giám đốc công nghệ thông tin",
}
