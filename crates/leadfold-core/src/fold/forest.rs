//! Who is part of whom while merges are made and undone.
//!
//! A link-cut tree (Sleator and Tarjan, 1983): every question costs a logarithm, spread over all
//! questions, whatever the shape of the families. Chains of merges would else cost their square.

const NONE: u32 = u32::MAX;

/// Trees of numbered nodes, in which some nodes are marked.
#[derive(Clone, Debug)]
pub(crate) struct Forest {
    nodes: Vec<Node>,
}

/// A node within its path: `left` is nearer to the root, `right` further down.
#[derive(Clone, Copy, Debug)]
struct Node {
    /// In the path; for the top of a path, the node that the path hangs on.
    parent: u32,
    left: u32,
    right: u32,
    is_marked: bool,
    /// Marks in the paths that hang on this node.
    hanging: u32,
    /// Marks in this part of the path, and in all that hangs on it.
    marks: u32,
}

impl Forest {
    /// So many trees of one node each, without marks.
    pub(crate) fn new(n: usize) -> Self {
        let node =
            Node { parent: NONE, left: NONE, right: NONE, is_marked: false, hanging: 0, marks: 0 };
        Self { nodes: vec![node; n] }
    }

    /// Hangs a root under a node of another tree.
    pub(crate) fn link(&mut self, root: u32, parent: u32) {
        self.expose(root);
        self.expose(parent);
        self.node(root).parent = parent;
        let marks = self.node(root).marks;
        self.node(parent).hanging += marks;
        self.count(parent);
    }

    /// Takes a node off its parent, with all that is below it.
    pub(crate) fn cut(&mut self, node: u32) {
        self.expose(node);
        let above = std::mem::replace(&mut self.node(node).left, NONE);
        if above != NONE {
            self.node(above).parent = NONE;
        }
        self.count(node);
    }

    /// The root of a node's tree.
    pub(crate) fn root(&mut self, node: u32) -> u32 {
        self.expose(node);
        let mut root = node;
        while self.node(root).left != NONE {
            root = self.node(root).left;
        }
        self.splay(root);
        root
    }

    /// Whether the one is on the way from the other to the root; a node is not above itself.
    pub(crate) fn is_above(&mut self, above: u32, node: u32) -> bool {
        self.expose(node);
        self.splay(above);
        // Of one path, so now below the other.
        above != node && !self.is_top(node)
    }

    pub(crate) fn mark(&mut self, node: u32) {
        self.expose(node);
        self.node(node).is_marked = true;
        self.count(node);
    }

    /// Whether there is a mark in the tree of this root.
    pub(crate) fn has_mark(&mut self, root: u32) -> bool {
        self.expose(root);
        self.node(root).marks > 0
    }

    fn node(&mut self, node: u32) -> &mut Node {
        &mut self.nodes[node as usize]
    }

    fn marks(&self, node: u32) -> u32 {
        if node == NONE { 0 } else { self.nodes[node as usize].marks }
    }

    fn count(&mut self, node: u32) {
        let Node { left, right, is_marked, hanging, .. } = *self.node(node);
        let marks = u32::from(is_marked) + hanging + self.marks(left) + self.marks(right);
        self.node(node).marks = marks;
    }

    /// Makes one path of the way from the root to a node, with the node at its top.
    fn expose(&mut self, node: u32) {
        let (mut below, mut next) = (NONE, node);
        while next != NONE {
            self.splay(next);
            let old = std::mem::replace(&mut self.node(next).right, below);
            let hanging = self.node(next).hanging + self.marks(old) - self.marks(below);
            self.node(next).hanging = hanging;
            self.count(next);
            below = next;
            next = self.node(next).parent;
        }
        self.splay(node);
    }

    fn is_top(&mut self, node: u32) -> bool {
        let parent = self.node(node).parent;
        parent == NONE || {
            let Node { left, right, .. } = *self.node(parent);
            left != node && right != node
        }
    }

    fn splay(&mut self, node: u32) {
        while !self.is_top(node) {
            let parent = self.node(node).parent;
            if !self.is_top(parent) {
                let grandparent = self.node(parent).parent;
                let is_straight =
                    (self.node(parent).left == node) == (self.node(grandparent).left == parent);
                self.rotate(if is_straight { parent } else { node });
            }
            self.rotate(node);
        }
    }

    /// Lifts a node above its parent in the path.
    fn rotate(&mut self, node: u32) {
        let parent = self.node(node).parent;
        let (above, was_top) = (self.node(parent).parent, self.is_top(parent));
        let inner = if self.node(parent).left == node {
            let inner = std::mem::replace(&mut self.node(node).right, parent);
            self.node(parent).left = inner;
            inner
        } else {
            let inner = std::mem::replace(&mut self.node(node).left, parent);
            self.node(parent).right = inner;
            inner
        };
        if inner != NONE {
            self.node(inner).parent = parent;
        }
        self.node(parent).parent = node;
        self.node(node).parent = above;
        if !was_top {
            let above = self.node(above);
            let side = if above.left == parent { &mut above.left } else { &mut above.right };
            *side = node;
        }
        self.count(parent);
        self.count(node);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same by walking.
    fn root(parents: &[Option<u32>], mut node: u32) -> u32 {
        while let Some(parent) = parents[node as usize] {
            node = parent;
        }
        node
    }

    proptest! {
        #[test]
        fn a_forest_answers_as_a_walk_does(
            steps in prop::collection::vec((0_u32..12, 0_u32..12, 0_u8..8), 0..200),
        ) {
            let mut forest = Forest::new(12);
            let mut parents = [None; 12];
            let mut marked = [false; 12];
            for (node, other, what) in steps {
                match what {
                    0..=3 if root(&parents, other) != node && parents[node as usize].is_none() => {
                        forest.link(node, other);
                        parents[node as usize] = Some(other);
                    }
                    4 => {
                        forest.cut(node);
                        parents[node as usize] = None;
                    }
                    5 => {
                        forest.mark(node);
                        marked[node as usize] = true;
                    }
                    _ => {}
                }
                let above = std::iter::successors(parents[node as usize], |n| parents[*n as usize]);
                prop_assert_eq!(forest.is_above(other, node), { above }.any(|n| n == other));
                let top = root(&parents, node);
                prop_assert_eq!(forest.root(node), top);
                let any = (0..12).any(|n| marked[n as usize] && root(&parents, n) == top);
                prop_assert_eq!(forest.has_mark(top), any);
            }
        }
    }
}
