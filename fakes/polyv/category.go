package polyv

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/mediasandbox/sandbox/fakes"
)

// rootCategory is the id of every user's root (vendor page, 移动视频分类接口: id=1
// is the default category).
const rootCategory = 1

// Category is a node of a user's tree.
type Category struct {
	ID     int64  `json:"cataid"`
	Name   string `json:"name"`
	Parent int64  `json:"parent"` // 0 for the root only
}

// AddCategory hangs a new category into a user's tree. It fails for an unknown
// user or parent and for an id that is taken or below 2.
func (w *World) AddCategory(userid string, c Category) error {
	u, err := w.named(userid)
	if err != nil {
		return err
	}
	switch {
	case c.ID <= rootCategory:
		return fmt.Errorf("category %d: an id is above 1, the root's", c.ID)
	case u.categories[c.ID] != nil:
		return fakes.Conflict("category %d is taken", c.ID)
	case u.categories[c.Parent] == nil:
		return fakes.NotFound("category %d: no parent %d", c.ID, c.Parent)
	}
	if err := room(u, "categories", len(u.Categories), w.limits.categories); err != nil {
		return err
	}
	u.Categories = append(u.Categories, &c)
	u.categories[c.ID] = &c
	return nil
}

type cataChangeIn struct {
	Cataid     string `param:"cataid"`
	DestCataid string `param:"destCataid"`
}

// cataChange moves a category under another (移动视频分类接口). That neither id is
// empty the contract has checked; the order of the rest is CONTRACTS section 2's.
func (w *World) cataChange(c *fakes.Call, in cataChangeIn) (bool, error) {
	u, err := w.user(c)
	if err != nil {
		return false, err
	}
	from, err1 := strconv.ParseInt(in.Cataid, 10, 64)
	to, err2 := strconv.ParseInt(in.DestCataid, 10, 64)
	if err1 != nil || err2 != nil {
		return false, c.Refuse("cataid-malformed")
	}
	if from == to {
		return false, c.Refuse("cataid-equal")
	}
	moved, dest := u.categories[from], u.categories[to]
	if moved == nil || dest == nil {
		return false, c.Refuse("cataid-unknown")
	}
	if moved.Parent == to || u.below(dest, moved) {
		return false, c.Refuse("cataid-parent")
	}
	moved.Parent = to
	return true, nil
}

// below reports whether c stands below top, or is it. The tree has no cycle: every
// move and every import checks that.
func (u *User) below(c, top *Category) bool {
	for ; c != nil; c = u.categories[c.Parent] {
		if c == top {
			return true
		}
	}
	return false
}

// subtrees returns the categories of the given ids, each followed by those below it,
// siblings in the order of their making; each once. What is no number names no
// category, and unknown ids are left out.
func (u *User) subtrees(ids []string) []*Category {
	children := make(map[int64][]*Category, len(u.Categories))
	for _, c := range u.Categories {
		children[c.Parent] = append(children[c.Parent], c)
	}
	var out []*Category
	seen := make(map[*Category]bool, len(u.Categories))
	for _, text := range ids {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || u.categories[id] == nil {
			continue
		}
		for open := []*Category{u.categories[id]}; len(open) > 0; {
			c := open[len(open)-1]
			open = open[:len(open)-1]
			if seen[c] {
				continue // and so is all below it
			}
			seen[c] = true
			out = append(out, c)
			for _, child := range slices.Backward(children[c.ID]) {
				open = append(open, child)
			}
		}
	}
	return out
}

// indexCategories rebuilds the index and checks that the categories are one tree
// with the root on top.
func (u *User) indexCategories() error {
	u.categories = make(map[int64]*Category, len(u.Categories))
	for _, c := range u.Categories {
		if c == nil || c.ID < rootCategory {
			return errors.New("a category is null or has an id below 1")
		}
		if u.categories[c.ID] != nil {
			return fmt.Errorf("category %d comes twice", c.ID)
		}
		u.categories[c.ID] = c
	}
	root := u.categories[rootCategory]
	if root == nil || root.Parent != 0 {
		return errors.New("category 1, the root, is missing or has a parent")
	}
	// Each way up is walked once: what is known to reach the root ends the walk.
	safe := map[*Category]bool{root: true}
	for _, c := range u.Categories {
		var way []*Category
		onWay := map[*Category]bool{}
		for at := c; !safe[at]; at = u.categories[at.Parent] {
			if onWay[at] {
				return fmt.Errorf("category %d stands below itself", at.ID)
			}
			if u.categories[at.Parent] == nil {
				return fmt.Errorf("category %d: no parent %d", at.ID, at.Parent)
			}
			way, onWay[at] = append(way, at), true
		}
		for _, at := range way {
			safe[at] = true
		}
	}
	return nil
}
