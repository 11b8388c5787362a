package polyv

// The vendor's platform is Chinese and so are its objects; gofakeit has no Chinese
// text. Functions, because a package-level list could be changed.

// rootName is the root category's name on the page (分页获取视频同步列表).
func rootName() string { return "视频分类(根目录)" }

func categoryNames() []string {
	return []string{"产品介绍", "培训课程", "直播回放", "公开课", "新员工培训", "技术分享", "市场活动", "客户案例"}
}

func videoTopics() []string {
	return []string{"产品演示", "操作指南", "销售技巧", "英语口语", "高等数学", "年会录像", "安全教育", "数据分析", "摄影入门", "法律常识"}
}

func danmuTexts() []string {
	return []string{
		"讲得真好", "前排围观", "老师辛苦了", "这里没听懂", "打卡", "666", "求课件", "声音有点小", "学到了", "再来一遍",
		"终于更新了", "哈哈哈哈", "第三遍了", "重点来了", "请问作业在哪里", "画质不错", "签到", "同意楼上", "感谢分享", "下课",
	}
}

func danmuColors() []string {
	return []string{"0xFFFFFF", "0xFF0000", "0x00FF00", "0x3399FF", "0xFFCC00"}
}

func questions() []string {
	return []string{"本节的主要内容是什么", "下列说法正确的是", "公式的适用条件是", "请选择正确的操作步骤", "以下哪项不属于风险"}
}

func provinces() []string {
	return []string{"广东省", "北京市", "上海市", "浙江省", "四川省", "湖北省", "江苏省", "福建省"}
}

func providers() []string { return []string{"电信", "联通", "移动", "教育网"} }

func systems() []string { return []string{"Windows 7", "Windows 10", "Mac OS X", "Android", "iOS"} }

func browsers() []string { return []string{"Chrome", "Firefox", "Safari", "Edge", "QQBrowser"} }

// grabFailures are texts of ours: the page shows none.
func grabFailures() []string {
	return []string{"下载超时", "文件格式不支持", "源地址无法访问"}
}
