package polyv

// pager is one page of a list, keys in the order of the page's samples.
type pager[T any] struct {
	PageNumber     int64 `json:"pageNumber"`
	TotalItems     int64 `json:"totalItems"`
	Contents       []T   `json:"contents"`
	StartRow       int64 `json:"startRow"`
	EndRow         int64 `json:"endRow"`
	FirstPage      bool  `json:"firstPage"`
	LastPage       bool  `json:"lastPage"`
	NextPageNumber int64 `json:"nextPageNumber"`
	PrePageNumber  int64 `json:"prePageNumber"`
	TotalPages     int64 `json:"totalPages"`
	Limit          int64 `json:"limit"`
	Offset         int64 `json:"offset"`
}

// offset is how many records stand before a page. Both are at most 2^31-1, so that
// the product fits.
func offset(page, size int64) int64 { return (page - 1) * size }

// paged completes a page (CONTRACTS section 2, pager object). The page is the one
// asked for, also beyond the last: such a page is empty, its rows follow from
// offset like any other's, and next and pre both point back into the list. An empty
// list looks the same whichever page of it is asked for, but for that page's number.
func paged[T any](page, size, total int64, contents []T) pager[T] {
	pages := (total + size - 1) / size
	if contents == nil {
		contents = []T{}
	}
	n, before := int64(len(contents)), offset(page, size)
	if total == 0 {
		before = 0
	}
	return pager[T]{
		PageNumber: page, TotalItems: total, Contents: contents,
		StartRow: before + 1, EndRow: before + n,
		FirstPage: page == 1 || total == 0, LastPage: page == pages,
		NextPageNumber: clamp(page+1, pages), PrePageNumber: clamp(page-1, pages),
		TotalPages: pages, Limit: n, Offset: before,
	}
}

// clamp moves a page number into [1, pages], to 1 in an empty list.
func clamp(page, pages int64) int64 { return max(1, min(page, pages)) }
