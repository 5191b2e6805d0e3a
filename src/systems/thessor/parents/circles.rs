//! Circles among links: the strongly connected components of the graph in which every decision leads to its parents.

/// For each of `count` nodes the number of its component: two have the same one if each can be reached from the other.
pub(super) fn components(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let (mut forward, mut backward) = (vec![Vec::new(); count], vec![Vec::new(); count]);
    for (from, to) in edges {
        if let (Some(leaving), Some(entering)) = (forward.get_mut(*from), backward.get_mut(*to)) {
            leaving.push(*to);
            entering.push(*from);
        }
    }
    let mut seen = vec![false; count];
    let order: Vec<usize> = (0..count)
        .flat_map(|start| walk(&forward, start, &mut seen))
        .collect();
    let (mut seen, mut components) = (vec![false; count], vec![0; count]);
    for start in order.into_iter().rev() {
        for node in walk(&backward, start, &mut seen) {
            if let Some(component) = components.get_mut(node) {
                *component = start;
            }
        }
    }
    components
}

/// What can be reached from `start` and was not seen before, each node after those that it leads to.
fn walk(graph: &[Vec<usize>], start: usize, seen: &mut [bool]) -> Vec<usize> {
    let mut enter = |node: usize| {
        let seen = seen.get_mut(node);
        seen.is_some_and(|seen| !std::mem::replace(seen, true))
    };
    let mut done = Vec::new();
    let mut path = Vec::new();
    if enter(start) {
        path.push((start, 0_usize));
    }
    while let Some((node, next)) = path.last_mut() {
        let to = graph.get(*node).and_then(|leads| leads.get(*next));
        *next = next.saturating_add(1);
        match to {
            Some(to) if enter(*to) => path.push((*to, 0)),
            Some(_) => {}
            None => {
                done.push(*node);
                path.pop();
            }
        }
    }
    done
}
